//! Which schemes are taken, and on whose line the error stands (RFC 9449, sections 7.1 and 7.2).

use axum::body::Body;
use claviger::CookieFailure;
use claviger::DpopMode;
use claviger::TokenSource;
use claviger::error::Reason;
use http::Request;
use serde_json::json;

use crate::dpop::Bound;
use crate::dpop::ORIGIN;
use crate::dpop::request;

const BEARER_THEN_DPOP: [(&str, Option<&str>); 2] = [("Bearer", None), ("DPoP", None)];

fn mode(mode: DpopMode) -> Bound {
    Bound::with(|dpop| dpop.with_mode(mode))
}

#[tokio::test]
async fn without_credentials_each_accepted_scheme_is_told() {
    for (mode_, told) in [
        (DpopMode::Allowed, &BEARER_THEN_DPOP[..]),
        (DpopMode::Bound, &[("DPoP", None), ("Bearer", None)]),
        (DpopMode::Required, &[("DPoP", None)]),
        (DpopMode::Disabled, &[("Bearer", None)]),
    ] {
        let bound = mode(mode_);
        let nothing = || Request::get("/").body(Body::empty()).unwrap();
        bound.api.send(nothing()).await.assert_challenged(401, Reason::MissingCredentials, told);
        // A proof without a token is nothing.
        let mut alone = nothing();
        alone.headers_mut().insert("dpop", bound.proof().sign().parse().unwrap());
        bound.api.send(alone).await.assert_challenged(401, Reason::MissingCredentials, told);
        let basic = request("Basic", "dTpw", &[]);
        bound.api.send(basic).await.assert_challenged(401, Reason::UnsupportedScheme, told);
    }
}

#[tokio::test]
async fn the_list_of_algorithms_is_told() {
    for (bound, algorithms) in [
        (Bound::new(), "ES256 ES384 EdDSA Ed25519 RS256 PS256"),
        (Bound::with(|dpop| dpop.with_algorithms(["PS256".parse().unwrap(), "ES256".parse().unwrap()])), "PS256 ES256"),
    ] {
        let answer = bound.api.send(Request::get("/").body(Body::empty()).unwrap()).await;
        let (scheme, parameters) = answer.challenges().swap_remove(1);
        assert_eq!((scheme.as_str(), parameters), ("DPoP", vec![("algs".to_owned(), algorithms.to_owned())]));
    }
}

#[tokio::test]
async fn both_schemes_are_accepted_unless_it_is_said_otherwise() {
    let bound = Bound::new();
    bound.get().await.assert_passed();
    bound.api.show(&bound.api.token().sign()).await.assert_passed();
    for scheme in ["dpop", "DPOP", "dPoP"] {
        bound.api.send(request(scheme, &bound.token, &[&bound.proof().sign()])).await.assert_passed();
    }
}

/// RFC 9449, section 7.2: whatever the mode, and with a good proof or without.
#[tokio::test]
async fn a_bound_token_is_no_bearer_token() {
    for (mode_, told) in [
        (DpopMode::Allowed, &[("Bearer", Some("invalid_token")), ("DPoP", None)][..]),
        (DpopMode::Bound, &[("Bearer", Some("invalid_token")), ("DPoP", None)]),
        (DpopMode::Disabled, &[("Bearer", Some("invalid_token"))]),
    ] {
        let bound = mode(mode_);
        let proof = bound.proof().sign();
        for proofs in [&[][..], &[proof.as_str()]] {
            let answer = bound.api.send(request("Bearer", &bound.token, proofs)).await;
            answer.assert_challenged(401, Reason::BindingMismatch, told);
        }
    }
}

#[tokio::test]
async fn an_unbound_token_is_no_dpop_token() {
    let bound = Bound::new();
    let told = [("DPoP", Some("invalid_token")), ("Bearer", None)];
    for confirmation in [None, Some(json!(null)), Some(json!({})), Some(json!({"kid": "x"}))] {
        let token = bound.api.token();
        let token = match confirmation {
            Some(confirmation) => token.claim("cnf", confirmation),
            None => token,
        };
        let answer = bound.api.send(request("DPoP", &token.sign(), &[&bound.proof().sign()])).await;
        answer.assert_challenged(401, Reason::BindingMismatch, &told);
    }
}

/// RFC 9449, section 6.1: a thumbprint is text.
#[tokio::test]
async fn a_binding_that_is_none_is_met_by_no_key() {
    let bound = Bound::new();
    let told = [("DPoP", Some("invalid_token")), ("Bearer", None)];
    let thumbprint = bound.client.thumbprint();
    for confirmation in [
        json!({"jkt": null}),
        json!({"jkt": 7}),
        json!({"jkt": [thumbprint]}),
        json!({"jkt": {"jkt": thumbprint}}),
        json!(thumbprint),
        json!([{"jkt": thumbprint}]),
    ] {
        let token = bound.api.token().claim("cnf", confirmation).sign();
        let proof = bound.client.proof(&http::Method::GET, super::URL, &token).sign();
        let answer = bound.api.send(request("DPoP", &token, &[&proof])).await;
        answer.assert_challenged(401, Reason::WrongClaim, &told);
    }
}

/// RFC 9449, section 7.1.
#[tokio::test]
async fn what_is_meant_for_a_proxy_is_not_read() {
    let bound = Bound::new();
    let mut for_proxy = Request::get("/").body(Body::empty()).unwrap();
    for_proxy.headers_mut().insert("proxy-authorization", format!("DPoP {}", bound.token).parse().unwrap());
    for_proxy.headers_mut().insert("dpop", bound.proof().sign().parse().unwrap());
    let answer = bound.api.send(for_proxy).await;
    answer.assert_challenged(401, Reason::MissingCredentials, &BEARER_THEN_DPOP);
    assert!(!answer.headers.contains_key("proxy-authenticate"));
}

#[tokio::test]
async fn a_bearer_token_with_a_proof_is_an_invalid_request_if_it_is_good() {
    let bound = Bound::new();
    let proof = bound.proof().sign();
    let good = bound.api.token().sign();
    let told = [("Bearer", Some("invalid_request")), ("DPoP", None)];
    for proofs in [&[proof.as_str()][..], &["junk"], &[""], &[&proof, &proof]] {
        let answer = bound.api.send(request("Bearer", &good, proofs)).await;
        answer.assert_challenged(400, Reason::MalformedRequest, &told);
    }
    let expired = bound.api.token().claim("exp", 1).sign();
    let answer = bound.api.send(request("Bearer", &expired, &[&proof])).await;
    answer.assert_challenged(401, Reason::Expired, &[("Bearer", Some("invalid_token")), ("DPoP", None)]);
}

#[tokio::test]
async fn a_bad_token_by_dpop_is_told_on_its_challenge_and_its_proof_stays_unused() {
    let bound = Bound::new();
    let proof = bound.proof();
    let told = [("DPoP", Some("invalid_token")), ("Bearer", None)];
    let expired = bound.api.token().claim("cnf", bound.client.confirmation()).claim("exp", 1).sign();
    for (token, reason) in [("junk", Reason::MalformedToken), (expired.as_str(), Reason::Expired)] {
        let proof = proof.clone().token(token).sign();
        bound.api.send(request("DPoP", token, &[&proof])).await.assert_challenged(401, reason, &told);
    }
    bound.show(&proof.sign()).await.assert_passed();
}

#[tokio::test]
async fn where_dpop_is_required_a_bearer_is_told_to_use_it() {
    let bound = mode(DpopMode::Required);
    bound.get().await.assert_passed();
    let told = [("DPoP", None)];
    let good = bound.api.token().sign();
    for token in [good.as_str(), "junk", &bound.token] {
        for proofs in [&[][..], &[bound.proof().sign().as_str()]] {
            let answer = bound.api.send(request("Bearer", token, proofs)).await;
            answer.assert_challenged(401, Reason::UnsupportedScheme, &told);
        }
    }
    bound.api.authorize(&[b"Bearer"]).await.assert_challenged(401, Reason::UnsupportedScheme, &told);
    let answer = bound.api.send(request("DPoP", &good, &[&bound.proof().sign()])).await;
    answer.assert_challenged(401, Reason::BindingMismatch, &[("DPoP", Some("invalid_token"))]);
}

#[tokio::test]
async fn where_dpop_is_disabled_it_is_no_scheme_and_stray_proofs_are_nothing() {
    let bound = mode(DpopMode::Disabled);
    let told = [("Bearer", None)];
    let proof = bound.proof().sign();
    let answer = bound.api.send(request("DPoP", &bound.token, &[&proof])).await;
    answer.assert_challenged(401, Reason::UnsupportedScheme, &told);
    bound.api.authorize(&[b"DPoP"]).await.assert_challenged(401, Reason::UnsupportedScheme, &told);
    let good = bound.api.token().sign();
    for proofs in [&[proof.as_str()][..], &[&proof, &proof], &["junk"]] {
        bound.api.send(request("Bearer", &good, proofs)).await.assert_passed();
    }
}

#[tokio::test]
async fn where_tokens_must_be_bound_an_unbound_one_is_refused() {
    let bound = mode(DpopMode::Bound);
    bound.get().await.assert_passed();
    let good = bound.api.token().sign();
    let proof = bound.proof().sign();
    for proofs in [&[][..], &[proof.as_str()]] {
        let answer = bound.api.send(request("Bearer", &good, proofs)).await;
        let told = [("Bearer", Some("invalid_token")), ("DPoP", None)];
        answer.assert_challenged(401, Reason::BindingMismatch, &told);
    }
}

#[tokio::test]
async fn of_two_bindings_both_must_hold() {
    let bound = Bound::new();
    let both = json!({"jkt": bound.client.thumbprint(), "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"});
    let token = bound.api.token().claim("cnf", both).sign();
    let proof = bound.client.proof(&http::Method::GET, super::URL, &token).sign();
    let answer = bound.api.send(request("DPoP", &token, &[&proof])).await;
    let told = [("DPoP", Some("invalid_token")), ("Bearer", None)];
    answer.assert_challenged(401, Reason::CertificateMissing, &told);
    let answer = bound.api.send(request("Bearer", &token, &[])).await;
    let told = [("Bearer", Some("invalid_token")), ("DPoP", None)];
    answer.assert_challenged(401, Reason::BindingMismatch, &told);
}

/// RFC 9449, section 7.2, figure 19.
#[tokio::test]
async fn what_is_malformed_is_told_on_the_challenge_of_its_scheme() {
    let bound = Bound::new();
    let invalid = Some("invalid_request");
    let on_bearer = [("Bearer", invalid), ("DPoP", None)];
    let on_dpop = [("DPoP", invalid), ("Bearer", None)];
    let on_both = [("Bearer", invalid), ("DPoP", invalid)];
    for (fields, told) in [
        (&["Bearer"][..], on_bearer),
        (&["Bearer a", "Bearer b"], on_bearer),
        (&["Basic a, Bearer b"], on_bearer),
        (&["DPoP"], on_dpop),
        (&["DPoP a b"], on_dpop),
        (&["DPoP a, DPoP b"], on_dpop),
        (&["DPoP a", "DPoP b"], on_dpop),
        (&["Bearer a", "DPoP b"], on_both),
        (&["DPoP a, Bearer b"], on_both),
        (&["Basic a", "Basic b"], on_both),
    ] {
        let fields: Vec<_> = fields.iter().map(|field| field.as_bytes()).collect();
        let answer = bound.api.authorize(&fields).await;
        answer.assert_challenged(400, Reason::MalformedRequest, &told);
    }
}

#[tokio::test]
async fn a_token_from_a_place_without_a_scheme_is_told_on_both_challenges() {
    let bound = Bound::at(|settings| {
        settings.with_public_url(ORIGIN).with_sources([
            TokenSource::Authorization,
            TokenSource::cookie("s"),
            TokenSource::Query,
        ])
    });
    let told = [("Bearer", Some("invalid_token")), ("DPoP", Some("invalid_token"))];
    for token in ["junk", &bound.token] {
        let cookie = Request::get("/").header("cookie", format!("s={token}")).body(Body::empty()).unwrap();
        let answer = bound.api.send(cookie).await;
        answer.assert_challenged(401, answer.reason.unwrap(), &told);
        let query = Request::get(format!("/?access_token={token}")).body(Body::empty()).unwrap();
        let answer = bound.api.send(query).await;
        answer.assert_challenged(401, answer.reason.unwrap(), &told);
    }
}

#[tokio::test]
async fn a_guard_tells_on_the_challenge_of_the_scheme_that_was_used() {
    let bound = Bound::new();
    let lacking = Some("insufficient_scope");
    let proof = bound.client.proof(&http::Method::GET, "https://api.example.com/reports", &bound.token).sign();
    let mut by_dpop = request("DPoP", &bound.token, &[&proof]);
    *by_dpop.uri_mut() = "/reports".parse().unwrap();
    let answer = bound.api.send(by_dpop).await;
    answer.assert_challenged(403, Reason::InsufficientScope, &[("DPoP", lacking), ("Bearer", None)]);
    let scopes = answer.challenges().into_iter().map(|(_, told)| told.iter().any(|(name, _)| name == "scope"));
    assert!(scopes.eq([true, true]));

    let mut by_bearer = request("Bearer", &bound.api.token().sign(), &[]);
    *by_bearer.uri_mut() = "/reports".parse().unwrap();
    let answer = bound.api.send(by_bearer).await;
    answer.assert_challenged(403, Reason::InsufficientScope, &[("Bearer", lacking), ("DPoP", None)]);
}

#[tokio::test]
async fn optional_does_not_mean_that_a_bad_proof_passes() {
    let bound = Bound::at(|settings| {
        settings
            .with_public_url(ORIGIN)
            .allow_anonymous()
            .with_sources([TokenSource::Authorization, TokenSource::cookie("s")])
            .with_cookie_failure(CookieFailure::Anonymous)
    });
    bound.api.send(Request::get("/").body(Body::empty()).unwrap()).await.assert_passed();
    bound.api.send(request("DPoP", &bound.token, &[])).await.assert_invalid_proof(Reason::ProofMissing);
    bound.show("junk").await.assert_invalid_proof(Reason::ProofMalformed);
}

#[tokio::test]
async fn grpc_answers_carry_the_nonce() {
    let bound = Bound::with(|dpop| dpop.require_nonce([]));
    let mut call = request("DPoP", &bound.token, &[&bound.proof().sign()]);
    call.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
    let answer = bound.api.send(call).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (401, ""));
    assert_eq!(answer.challenges().len(), 1);
    assert!(bound.client.follow(&answer.headers));
}

/// The mark, as handlers see it.
#[tokio::test]
async fn the_mark_tells_the_scheme_and_the_key() {
    use axum::Router;
    use axum::routing::get;
    use claviger::AuthConfig;
    use claviger::AuthLayer;
    use claviger::Issuer;
    use claviger::TokenScheme;
    use claviger::authenticate::Authentication;
    use claviger_testing::TestIssuer;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn tell(mark: Authentication) -> String {
        let key = mark.token().and_then(|token| token.key_thumbprint()).unwrap_or("no key");
        format!("{} {key}", mark.scheme().map_or("none", TokenScheme::as_str))
    }

    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), crate::support::AUDIENCE).with_jwks(issuer.jwks());
    let cfg = AuthConfig::builder(trusted).with_public_url(ORIGIN).allow_anonymous().build().unwrap();
    // One configuration judges a proof once, however many of its layers there are.
    let inner = Router::new().route("/", get(tell)).layer(AuthLayer::new(cfg.clone()));
    let app = inner.layer(AuthLayer::new(cfg.clone()));
    let client = claviger_testing::DpopClient::new();
    let bound = issuer.token().claim("cnf", client.confirmation()).sign();
    let proof = client.proof(&http::Method::GET, super::URL, &bound).sign();
    let bearer = request("Bearer", &issuer.token().sign(), &[]);
    let nothing = Request::get("/").body(Body::empty()).unwrap();
    for (request, told) in [
        (request("DPoP", &bound, &[&proof]), format!("DPoP {}", client.thumbprint())),
        (bearer, "Bearer no key".to_owned()),
        (nothing, "none no key".to_owned()),
    ] {
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), told);
    }

    // The same without tower.
    let proof = client.proof(&http::Method::GET, super::URL, &bound).sign();
    let sent = request("DPoP", &bound, &[&proof]);
    let mark = cfg.verify_request(&sent).await.unwrap();
    assert_eq!(mark.scheme(), Some(TokenScheme::Dpop));
    let refused = cfg.verify_request(&sent).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::ProofReplayed);
    let response = cfg.answer(refused, &sent);
    assert_eq!((response.status().as_u16(), response.headers().get_all("www-authenticate").iter().count()), (401, 1));
}

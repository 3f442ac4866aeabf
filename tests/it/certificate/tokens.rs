//! The rows of RFC 8705, and what two bindings at once demand.

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger::AuthConfig;
use claviger::ClientCertificate;
use claviger::DpopMode;
use claviger::DpopSettings;
use claviger::Issuer;
use claviger::Presentation;
use claviger::TokenScheme;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::DpopClient;
use http::Request;
use openssl::sha::sha256;
use serde_json::json;

use crate::certificate::Bound;
use crate::certificate::ORIGIN;
use crate::certificate::der;
use crate::certificate::request;
use crate::support::AUDIENCE;
use crate::support::Identity;

/// RFC 8705, section 3.
#[tokio::test]
async fn only_with_its_certificate_a_token_passes() {
    let bound = Bound::new();
    let other = ClientCertificate::from_der(&der(&Identity::new("client", None)));
    bound.show(&bound.token, Some(bound.certificate())).await.assert_passed();
    bound.show(&bound.token, None).await.assert_invalid_token(Reason::CertificateMissing);
    bound.show(&bound.token, Some(other)).await.assert_invalid_token(Reason::CertificateMismatch);
    // Nor has a token that passed before any rights from that.
    bound.show(&bound.token, Some(bound.certificate())).await.assert_passed();
    bound.show(&bound.token, None).await.assert_invalid_token(Reason::CertificateMissing);
    bound.show(&bound.token, Some(other)).await.assert_invalid_token(Reason::CertificateMismatch);
}

/// RFC 8705, section 3.1.
#[tokio::test]
async fn the_thumbprint_is_that_of_the_der_in_base64url() {
    let bound = Bound::new();
    let der = der(&bound.identity);
    let thumbprint = URL_SAFE_NO_PAD.encode(sha256(&der));
    let with = |thumbprint: &str| bound.api.token().claim("cnf", json!({ "x5t#S256": thumbprint })).sign();
    bound.show(&with(&thumbprint), Some(bound.certificate())).await.assert_passed();
    let hexadecimal = sha256(&der).iter().fold(String::new(), |text, octet| format!("{text}{octet:02x}"));
    let of_pem = URL_SAFE_NO_PAD.encode(sha256(&bound.identity.certificate.to_pem().unwrap()));
    for other in [format!("{thumbprint}="), thumbprint.to_lowercase(), String::new(), hexadecimal, of_pem] {
        let answer = bound.show(&with(&other), Some(bound.certificate())).await;
        answer.assert_invalid_token(Reason::CertificateMismatch);
    }
}

#[tokio::test]
async fn a_confirmation_of_the_wrong_type_is_no_absence() {
    let bound = Bound::new();
    for confirmation in
        [json!({"x5t#S256": null}), json!({"x5t#S256": 7}), json!({"x5t#S256": ["a"]}), json!([]), json!("a")]
    {
        let token = bound.api.token().claim("cnf", confirmation).sign();
        bound.show(&token, Some(bound.certificate())).await.assert_invalid_token(Reason::WrongClaim);
    }
}

#[tokio::test]
async fn a_token_that_is_bound_to_nothing_needs_no_certificate_and_minds_none() {
    let bound = Bound::new();
    let token = bound.api.token().sign();
    bound.show(&token, None).await.assert_passed();
    bound.show(&token, Some(bound.certificate())).await.assert_passed();
}

#[tokio::test]
async fn in_every_mode_that_takes_bearer_the_certificate_is_needed_and_enough() {
    for mode in [DpopMode::Allowed, DpopMode::Disabled, DpopMode::Bound] {
        let bound = Bound::with(|settings| settings.with_dpop(DpopSettings::new(mode)));
        let passed = bound.show(&bound.token, Some(bound.certificate())).await;
        passed.assert_passed();
        let refused = bound.show(&bound.token, None).await;
        assert_eq!((refused.status.as_u16(), refused.reason), (401, Some(Reason::CertificateMissing)), "{mode:?}");
    }
    let bound = Bound::with(|settings| settings.with_dpop(DpopSettings::new(DpopMode::Required)));
    let refused = bound.show(&bound.token, Some(bound.certificate())).await;
    refused.assert_challenged(401, Reason::UnsupportedScheme, &[("DPoP", None)]);
}

#[tokio::test]
async fn where_tokens_must_be_bound_a_certificate_that_is_shown_binds_none() {
    let bound = Bound::with(|settings| settings.with_dpop(DpopSettings::new(DpopMode::Bound)));
    let answer = bound.show(&bound.api.token().sign(), Some(bound.certificate())).await;
    let told = [("Bearer", Some("invalid_token")), ("DPoP", None)];
    answer.assert_challenged(401, Reason::BindingMismatch, &told);
}

/// RFC 9449, section 7.1: the scheme is for tokens that are bound to a key.
#[tokio::test]
async fn by_the_scheme_dpop_a_certificate_is_no_key() {
    let bound = Bound::new();
    let client = DpopClient::new().with_clock(bound.api.clock.clone());
    let mut asking = request("DPoP", &bound.token);
    client.authorize_at(&mut asking, &format!("{ORIGIN}/"), &bound.token);
    asking.extensions_mut().insert(bound.certificate());
    let told = [("DPoP", Some("invalid_token")), ("Bearer", None)];
    bound.api.send(asking).await.assert_challenged(401, Reason::BindingMismatch, &told);
}

#[tokio::test]
async fn of_two_bindings_both_must_hold() {
    let bound = Bound::new();
    let (client, stranger) = (DpopClient::new(), DpopClient::new());
    let token = bound.token_of(&client);
    let (own, other) = (Some(bound.certificate()), Some(ClientCertificate::from_der(b"other")));
    let on_dpop = [("DPoP", Some("invalid_token")), ("Bearer", None)];
    let on_bearer = [("Bearer", Some("invalid_token")), ("DPoP", None)];
    let ask = async |mut asking: Request<Body>, certificate: Option<ClientCertificate>| {
        if let Some(certificate) = certificate {
            asking.extensions_mut().insert(certificate);
        }
        bound.api.send(asking).await
    };
    ask(bound.prove(&client, &token), own).await.assert_passed();
    let answer = ask(bound.prove(&client, &token), None).await;
    answer.assert_challenged(401, Reason::CertificateMissing, &on_dpop);
    let answer = ask(bound.prove(&client, &token), other).await;
    answer.assert_challenged(401, Reason::CertificateMismatch, &on_dpop);
    let answer = ask(bound.prove(&stranger, &token), own).await;
    answer.assert_challenged(401, Reason::BindingMismatch, &on_dpop);
    ask(request("Bearer", &token), own).await.assert_challenged(401, Reason::BindingMismatch, &on_bearer);
    ask(request("DPoP", &token), own).await.assert_invalid_proof(Reason::ProofMissing);
}

#[tokio::test]
async fn the_application_hears_how_a_token_was_presented() {
    let bound = Bound::new();
    let client = DpopClient::new();
    let trusted = Issuer::new(bound.api.issuer.url(), AUDIENCE).with_jwks(bound.api.issuer.jwks());
    let settings = AuthConfig::builder(trusted).with_public_url(ORIGIN).with_clock(bound.api.clock.clone());
    let cfg = settings.build().unwrap();
    let both = bound.token_of(&client);
    let unbound = bound.api.token().sign();
    for (mut asking, scheme, key, certificate) in [
        (request("Bearer", &unbound), TokenScheme::Bearer, None, None),
        (request("Bearer", &bound.token), TokenScheme::Bearer, None, Some(bound.certificate())),
        (bound.prove(&client, &both), TokenScheme::Dpop, Some(client.thumbprint()), Some(bound.certificate())),
    ] {
        asking.extensions_mut().insert(bound.certificate());
        let auth = cfg.verify_request(&asking).await.unwrap();
        let token = auth.token().unwrap();
        assert_eq!((auth.scheme(), token.scheme()), (Some(scheme), scheme));
        assert_eq!(token.key_thumbprint(), key.as_deref());
        assert_eq!(token.certificate(), certificate.as_ref());
    }
    let refused = cfg.verify_request(&request("Bearer", &bound.token)).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::CertificateMissing);
}

#[tokio::test]
async fn a_program_without_tower_shows_the_certificate_itself() {
    let bound = Bound::new();
    let trusted = Issuer::new(bound.api.issuer.url(), AUDIENCE).with_jwks(bound.api.issuer.jwks());
    let verifier = Verifier::builder(trusted).with_clock(bound.api.clock.clone()).build().unwrap();
    let present = |presentation: Presentation<'static>| verifier.verify_presented(&bound.token, presentation, None);
    let shown = Presentation::bearer().with_certificate(bound.certificate());
    assert_eq!(present(shown).await.unwrap().certificate(), Some(&bound.certificate()));
    for (presentation, reason) in [
        (Presentation::bearer(), Reason::CertificateMissing),
        (Presentation::bearer().with_unreadable_certificate("it is none"), Reason::CertificateMismatch),
        (Presentation::bearer().with_certificate(ClientCertificate::from_sha256([0; 32])), Reason::CertificateMismatch),
    ] {
        assert_eq!(present(presentation).await.unwrap_err().reason(), reason);
    }
    assert_eq!(verifier.verify(&bound.token).await.unwrap_err().reason(), Reason::CertificateMissing);
}

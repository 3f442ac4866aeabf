//! Our own address, which proofs are for.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::error::Reason;
use claviger_testing::DpopClient;
use claviger_testing::TestIssuer;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::StatusCode;
use http::Version;
use http::header::HOST;
use tower::ServiceExt;

use crate::dpop::Bound;
use crate::dpop::request;
use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::Change;

/// The body of a 400 for the host or for the fields of proxies.
const AMBIGUOUS: &str = "The address of the request is ambiguous; its credentials were not checked";

/// What becomes of `GET /` at these hosts, with a proof for this URL.
async fn ask(bound: &Bound, uri: &str, hosts: &[&str], url: &str) -> Answer {
    let proof = bound.client.proof(&Method::GET, url, &bound.token).sign();
    let mut asking = request("DPoP", &bound.token, &[&proof]);
    *asking.uri_mut() = uri.parse().unwrap();
    for host in hosts {
        asking.headers_mut().append(HOST, HeaderValue::from_str(host).unwrap());
    }
    bound.api.send(asking).await
}

fn at(settings: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Bound {
    Bound::at(settings)
}

#[tokio::test]
async fn the_public_url_is_our_address_whatever_the_host_says() {
    let bound = at(|settings| settings.with_public_url("https://api.example.com"));
    for hosts in [&[][..], &["api.example.com"], &["10.0.0.1:8080"], &["backend"]] {
        ask(&bound, "/", hosts, "https://api.example.com/").await.assert_passed();
    }
    for url in ["http://10.0.0.1:8080/", "https://backend/", "https://api.example.com/v1/"] {
        ask(&bound, "/", &["backend"], url).await.assert_invalid_proof(Reason::ProofMismatch);
    }
}

/// A proxy that strips `/svc1` sends `/` for `/svc1` and for `/svc1/`.
#[tokio::test]
async fn a_prefix_that_a_proxy_takes_off_belongs_to_it_with_and_without_its_slash() {
    for public_url in ["https://api.example.com/svc1", "https://api.example.com/svc1/"] {
        let bound = at(|settings| settings.with_public_url(public_url));
        for url in ["https://api.example.com/svc1/", "https://api.example.com/svc1", "https://api.example.com/svc1?a=b"]
        {
            ask(&bound, "/", &[], url).await.assert_passed();
        }
        for url in ["https://api.example.com/", "https://api.example.com/svc12", "https://api.example.com/svc1//"] {
            ask(&bound, "/", &[], url).await.assert_invalid_proof(Reason::ProofMismatch);
        }
    }
    // Anywhere else a last slash counts.
    let bound = at(|settings| settings.with_public_url("https://api.example.com/svc1"));
    for (uri, url) in
        [("/reports", "https://api.example.com/svc1/reports/"), ("/reports", "https://api.example.com/svc1")]
    {
        ask(&bound, uri, &[], url).await.assert_invalid_proof(Reason::ProofMismatch);
    }
}

/// RFC 3986, section 3.3: clients send them as they are, and some proxies encode them.
#[tokio::test]
async fn characters_that_a_uri_must_not_have_equal_their_percent_encoded_form() {
    let bound = at(|settings| settings.with_public_url("https://api.example.com"));
    for path in ["/a|b", "/a%7Cb", "/a%7cb"] {
        for named in ["/a|b", "/a%7Cb", "/a%7cb"] {
            let answer = ask(&bound, path, &[], &format!("https://api.example.com{named}")).await;
            assert_eq!(answer.reason, None, "{named} for {path}: {answer:?}");
        }
    }
    for (path, named) in [("/[0]", "/%5B0%5D"), ("/%5b0%5d", "/[0]"), ("/{a}", "/%7Ba%7D"), ("/%5C", "/%5c")] {
        let answer = ask(&bound, path, &[], &format!("https://api.example.com{named}")).await;
        assert_eq!(answer.reason, None, "{named} for {path}: {answer:?}");
    }
    for (path, named) in
        [("/a|b", "/a%7Db"), ("/a%2Fb", "/a/b"), ("/a+b", "/a%2Bb"), ("/%5C", "/\\"), ("/a%09b", "/a\tb")]
    {
        let answer = ask(&bound, path, &[], &format!("https://api.example.com{named}")).await;
        assert_eq!(answer.reason, Some(Reason::ProofMismatch), "{named} for {path}");
    }
}

/// No client knows an API by a name that only a mapping makes the same (UTS 46).
#[tokio::test]
async fn the_hosts_of_proofs_are_ascii() {
    let bound = at(|settings| settings.with_public_url("https://b\u{fc}cher.example"));
    ask(&bound, "/", &[], "https://xn--bcher-kva.example/").await.assert_passed();
    for url in [
        "https://b\u{fc}cher.example/",
        "https://b%C3%BCcher.example/",
        "https://xn--bcher-kva\u{3002}example/",
        "https://\u{ff58}n--bcher-kva.example/",
    ] {
        ask(&bound, "/", &[], url).await.assert_invalid_proof(Reason::ProofMismatch);
    }
}

#[tokio::test]
async fn the_origin_of_the_resource_stands_in_for_it() {
    let bound = at(|settings| settings.with_resource("https://api.example.com/mcp"));
    ask(&bound, "/", &["backend"], "https://api.example.com/").await.assert_passed();
    ask(&bound, "/", &["backend"], "https://api.example.com/mcp/").await.assert_invalid_proof(Reason::ProofMismatch);
}

#[tokio::test]
async fn without_it_the_host_is_one_of_ours_or_none() {
    let bound = at(|settings| settings.with_hosts(["api.example.com", "api.example.net:8443"]));
    for (host, url) in [
        ("api.example.com", "https://api.example.com/"),
        ("API.example.com", "https://api.example.com/"),
        ("api.example.com:443", "https://api.example.com/"),
        ("api.example.net:8443", "https://api.example.net:8443/"),
    ] {
        ask(&bound, "/", &[host], url).await.assert_passed();
    }
    for (hosts, url) in [
        (&["evil.example"][..], "https://evil.example/"),
        (&["evil.example"], "https://api.example.com/"),
        (&["api.example.com"], "https://api.example.net:8443/"),
        (&["api.example.com"], "http://api.example.com/"),
        (&["api.example.com:8443"], "https://api.example.com:8443/"),
        (&["api.example.com."], "https://api.example.com./"),
        (&["api.example.net"], "https://api.example.net/"),
        (&["127.0.0.1:3000"], "http://127.0.0.1:3000/"),
        (&[], "https://api.example.com/"),
    ] {
        ask(&bound, "/", hosts, url).await.assert_invalid_proof(Reason::ProofMismatch);
    }
}

#[tokio::test]
async fn with_neither_only_loopback_hosts_are_ours() {
    let bound = at(|settings| settings);
    for host in ["127.0.0.1:3000", "localhost:3000", "localhost", "[::1]:3000", "127.1.2.3", "LOCALHOST"] {
        ask(&bound, "/", &[host], &format!("http://{host}/")).await.assert_passed();
    }
    for (host, url) in [("127.0.0.1:3000", "https://127.0.0.1:3000/"), ("127.0.0.1:3000", "http://127.0.0.1/")] {
        ask(&bound, "/", &[host], url).await.assert_invalid_proof(Reason::ProofMismatch);
    }
    for (host, url) in [
        ("api.example.com", "http://api.example.com/"),
        ("api.example.com", "https://api.example.com/"),
        ("localhost.example.com", "http://localhost.example.com/"),
        ("10.0.0.1", "http://10.0.0.1/"),
    ] {
        let answer = ask(&bound, "/", &[host], url).await;
        answer.assert_challenged(401, Reason::UnsupportedScheme, &[("Bearer", None)]);
    }
}

/// A host that is none may have led whoever stands in front elsewhere.
#[tokio::test]
async fn a_host_that_is_none_is_an_invalid_request() {
    let told = &[("DPoP", Some("invalid_request")), ("Bearer", None)][..];
    let settings: [(Change, _); 3] = [
        // What is no host is no loopback host, so DPoP cannot be served.
        (|settings| settings, &[("Bearer", Some("invalid_request"))][..]),
        (|settings| settings.with_hosts(["api.example.com"]), told),
        (|settings| settings.with_public_url("https://api.example.com"), told),
    ];
    for (settings, told) in settings {
        let bound = at(settings);
        for hosts in [
            &["api.example.com/other?"][..],
            &["api.example.com#"],
            &["api.example.com?x"],
            &["user@api.example.com"],
            &["a,b"],
            &["a b"],
            &["https://api.example.com"],
            &["api.example.com:port"],
            &["api.example.com:65536"],
            &["[::1"],
            &["::1"],
            &[""],
            &["api.example.com", "api.example.com"],
        ] {
            let answer = ask(&bound, "/", hosts, "https://api.example.com/").await;
            answer.assert_challenged(400, Reason::MalformedRequest, told);
            assert_eq!(answer.json()["detail"], AMBIGUOUS);
        }
        let mut octets = request("DPoP", &bound.token, &[&bound.proof().sign()]);
        octets.headers_mut().insert(HOST, HeaderValue::from_bytes(b"api.ex\xffmple.com").unwrap());
        assert_eq!(bound.api.send(octets).await.status, StatusCode::BAD_REQUEST);
    }
}

/// HTTP/2, and absolute URIs of HTTP/1.1 (RFC 9112, section 3.2.2; RFC 9113, section 8.3.1).
#[tokio::test]
async fn an_authority_in_the_uri_wins_over_the_field() {
    let bound = at(|settings| settings.with_hosts(["api.example.com"]));
    ask(&bound, "https://api.example.com/", &["evil.example"], "https://api.example.com/").await.assert_passed();
    ask(&bound, "https://api.example.com/", &[], "https://api.example.com/").await.assert_passed();
    let answer = ask(&bound, "https://evil.example/", &["api.example.com"], "https://api.example.com/").await;
    answer.assert_invalid_proof(Reason::ProofMismatch);
    let answer = ask(&bound, "https://user@api.example.com/", &[], "https://api.example.com/").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

/// RFC 9112, section 3.2: it is ignored where it is sound, and not where it is none or stands there twice.
#[tokio::test]
async fn beside_an_authority_in_the_uri_a_host_that_is_none_is_an_invalid_request() {
    let bound = at(|settings| settings.with_hosts(["api.example.com"]));
    for hosts in [&["api.example.com/other?"][..], &["a,b"], &[""], &["api.example.com", "api.example.com"]] {
        let answer = ask(&bound, "https://api.example.com/", hosts, "https://api.example.com/").await;
        let told = [("DPoP", Some("invalid_request")), ("Bearer", None)];
        answer.assert_challenged(400, Reason::MalformedRequest, &told);
    }
}

/// RFC 9113, section 8.3.1; RFC 9114, section 4.3.1. Whoever tells tenants apart by the field would serve another one.
#[tokio::test]
async fn since_http_2_a_host_that_is_not_the_authority_is_an_invalid_request() {
    let settings: [fn(AuthConfigBuilder) -> AuthConfigBuilder; 2] = [
        |settings| settings.with_hosts(["api.example.com", "api.example.net"]),
        |settings| settings.with_public_url("https://api.example.com"),
    ];
    for settings in settings {
        let bound = at(settings);
        for (version, host, is_invalid) in [
            (Version::HTTP_2, "api.example.net", true),
            (Version::HTTP_2, "evil.example", true),
            (Version::HTTP_3, "api.example.net", true),
            (Version::HTTP_2, "API.example.com:443", false),
            (Version::HTTP_11, "api.example.net", false),
        ] {
            let proof = bound.client.proof(&Method::GET, "https://api.example.com/", &bound.token).sign();
            let mut asking = request("DPoP", &bound.token, &[&proof]);
            (*asking.uri_mut(), *asking.version_mut()) = ("https://api.example.com/".parse().unwrap(), version);
            asking.headers_mut().insert(HOST, host.parse().unwrap());
            let answer = bound.api.send(asking).await;
            assert_eq!(answer.reason, is_invalid.then_some(Reason::MalformedRequest), "{version:?} {host}");
        }
    }
}

#[tokio::test]
async fn what_an_untrusted_proxy_says_is_not_read() {
    let bound = at(|settings| settings.with_hosts(["api.example.com"]));
    for (name, value) in [
        ("forwarded", "host=api.example.com;proto=https"),
        ("x-forwarded-host", "api.example.com"),
        ("x-original-url", "/other"),
    ] {
        let proof = bound.client.proof(&Method::GET, "https://api.example.com/", &bound.token).sign();
        let mut asking = request("DPoP", &bound.token, &[&proof]);
        asking.headers_mut().insert(HOST, "evil.example".parse().unwrap());
        asking.headers_mut().insert(name, value.parse().unwrap());
        bound.api.send(asking).await.assert_invalid_proof(Reason::ProofMismatch);
    }
}

#[tokio::test]
async fn a_query_belongs_to_neither_side() {
    let bound = Bound::new();
    for (uri, htu) in [
        ("/?a=1", "https://api.example.com/"),
        ("/", "https://api.example.com/?a=1"),
        ("/?a=1", "https://api.example.com/?a=2"),
        ("/?a=1", "https://api.example.com/#a"),
    ] {
        let proof = bound.proof().claim("htu", htu).sign();
        let mut asking = request("DPoP", &bound.token, &[&proof]);
        *asking.uri_mut() = uri.parse().unwrap();
        bound.api.send(asking).await.assert_passed();
    }
}

/// Methods have case, and HEAD is no GET, though one handler answers both (RFC 9110, sections 9.1 and 9.3.2).
#[tokio::test]
async fn a_proof_is_for_one_method() {
    let bound = Bound::new();
    let methods = ["GET", "HEAD", "POST", "QUERY", "get"].map(|name| Method::from_bytes(name.as_bytes()).unwrap());
    for asked in &methods {
        for proven in &methods {
            let proof = bound.client.proof(proven, "https://api.example.com/", &bound.token).sign();
            let mut asking = request("DPoP", &bound.token, &[&proof]);
            *asking.method_mut() = asked.clone();
            let answer = bound.api.send(asking).await;
            // Behind the layer, the route has GET and HEAD alone.
            let (reason, is_answered) = (answer.reason, answer.status != StatusCode::UNAUTHORIZED);
            let expected = (asked != proven).then_some(Reason::ProofMismatch);
            assert_eq!((reason, is_answered), (expected, expected.is_none()), "{proven} for {asked}");
        }
    }
}

#[tokio::test]
async fn a_nested_router_is_asked_at_the_path_that_the_client_sent() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let cfg = AuthConfig::builder(trusted).with_public_url("https://api.example.com").build().unwrap();
    let inner = Router::new().route("/orders", get(|| async {})).layer(AuthLayer::new(cfg));
    let app = Router::new().nest("/v1", Router::new().nest("/shop", inner));
    let client = DpopClient::new();
    let token = issuer.token().claim("cnf", client.confirmation()).sign();
    for (path, status) in [("/v1/shop/orders", 200), ("/orders", 401), ("/shop/orders", 401)] {
        let mut asking = Request::get("/v1/shop/orders?x").body(Body::empty()).unwrap();
        client.authorize_at(&mut asking, &format!("https://api.example.com{path}"), &token);
        assert_eq!(app.clone().oneshot(asking).await.unwrap().status(), status, "{path}");
    }
}

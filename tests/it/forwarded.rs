//! What proxies say of our own address: from trusted ones alone, and never a host that is not ours.

use std::net::IpAddr;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use claviger::AuthConfigBuilder;
use claviger::ForwardedFields;
use claviger::PeerAddress;
use claviger::error::Reason;
use claviger_testing::DpopClient;
use futures_util::FutureExt;
use http::HeaderName;
use http::Request;
use http::header::HOST;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::Answer;
use crate::support::Api;

const PROXY: &str = "10.0.0.1";

/// An API behind proxies of 10.0.0.0/8.
struct Behind {
    api: Api,
    client: DpopClient,
    token: String,
}

impl Behind {
    fn with(settings: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Self {
        let api = Api::with_settings(|builder| settings(builder.with_trusted_proxies(["10.0.0.0/8"])));
        let client = DpopClient::new().with_clock(api.clock.clone());
        let token = api.token().claim("cnf", client.confirmation()).sign();
        Self { api, client, token }
    }

    fn of_hosts() -> Self {
        Self::with(|settings| settings.with_hosts(["api.example.com", "api.example.net:8443"]))
    }

    /// `GET /` of the host `backend`, with a proof for `url`.
    fn request(&self, fields: &[(&str, &str)], url: &str) -> Request<Body> {
        let mut request = Request::get("/").header(HOST, "backend").body(Body::empty()).unwrap();
        for (name, value) in fields {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        self.client.authorize_at(&mut request, url, &self.token);
        request
    }

    async fn ask(&self, peer: &str, fields: &[(&str, &str)], url: &str) -> Answer {
        let mut request = self.request(fields, url);
        request.extensions_mut().insert(PeerAddress(peer.parse::<IpAddr>().unwrap()));
        self.api.send(request).await
    }
}

fn assert_invalid(answer: &Answer) {
    let told = [("DPoP", Some("invalid_request")), ("Bearer", None)];
    answer.assert_challenged(400, Reason::MalformedRequest, &told);
    assert_eq!(answer.json()["detail"], "The address of the request is ambiguous; its credentials were not checked");
}

const OURS: [&[(&str, &str)]; 4] = [
    &[("forwarded", "for=192.0.2.1;host=api.example.com;proto=https")],
    &[("x-forwarded-host", "api.example.com")],
    &[("x-forwarded-for", "192.0.2.1"), ("x-forwarded-host", "API.example.com:443"), ("x-forwarded-proto", "https")],
    &[("forwarded", "host=\"api.example.com\""), ("x-forwarded-host", "api.example.com")],
];

#[tokio::test]
async fn a_trusted_proxy_tells_the_host_that_the_client_asked_for() {
    let behind = Behind::of_hosts();
    for fields in OURS {
        behind.ask(PROXY, fields, "https://api.example.com/").await.assert_passed();
        behind.ask("::ffff:10.0.0.1", fields, "https://api.example.com/").await.assert_passed();
    }
    let fields = [("x-forwarded-host", "api.example.net:8443")];
    behind.ask(PROXY, &fields, "https://api.example.net:8443/").await.assert_passed();
    behind.ask(PROXY, &fields, "https://api.example.com/").await.assert_invalid_proof(Reason::ProofMismatch);
}

#[tokio::test]
async fn what_anybody_else_says_has_no_effect() {
    let behind = Behind::of_hosts();
    for fields in OURS {
        for peer in ["192.0.2.1", "::1", "127.0.0.1", "11.0.0.1"] {
            let answer = behind.ask(peer, fields, "https://api.example.com/").await;
            answer.assert_invalid_proof(Reason::ProofMismatch);
        }
        let unknown = behind.api.send(behind.request(fields, "https://api.example.com/")).await;
        unknown.assert_invalid_proof(Reason::ProofMismatch);
    }
    // Nor has junk.
    for fields in [[("forwarded", "host=\"")], [("x-forwarded-host", "api.example.com/other?")]] {
        let mut asking = behind.request(&fields, "https://api.example.com/");
        asking.headers_mut().insert(HOST, "api.example.com".parse().unwrap());
        behind.api.send(asking).await.assert_passed();
    }
}

#[tokio::test]
async fn a_host_that_is_not_ours_stays_that() {
    let behind = Behind::of_hosts();
    for (host, url) in [
        ("evil.example", "https://evil.example/"),
        ("evil.example", "https://api.example.com/"),
        ("api.example.com:8443", "https://api.example.com:8443/"),
        ("localhost", "http://localhost/"),
    ] {
        let answer = behind.ask(PROXY, &[("x-forwarded-host", host)], url).await;
        answer.assert_invalid_proof(Reason::ProofMismatch);
    }
    let answer = behind.ask(PROXY, &[], "https://api.example.com/").await;
    answer.assert_invalid_proof(Reason::ProofMismatch);
}

#[tokio::test]
async fn the_public_url_needs_no_word_of_anybody() {
    let behind = Behind::with(|settings| settings.with_public_url("https://api.example.com/svc1"));
    for fields in [
        &[][..],
        &[("x-forwarded-host", "evil.example")],
        &[("x-forwarded-host", "api.example.com/other?")],
        &[("x-forwarded-prefix", "/other")],
        &[("forwarded", "host=\"")],
    ] {
        behind.ask(PROXY, fields, "https://api.example.com/svc1/").await.assert_passed();
        let answer = behind.ask(PROXY, fields, "https://api.example.com/other/").await;
        answer.assert_invalid_proof(Reason::ProofMismatch);
    }
}

/// Most proxies hand on what a client sends there.
#[tokio::test]
async fn nobody_moves_a_proof_to_another_path() {
    let behind = Behind::of_hosts();
    for name in ["x-forwarded-prefix", "x-forwarded-path", "x-forwarded-uri", "x-original-url", "x-script-name"] {
        let fields = [("x-forwarded-host", "api.example.com"), (name, "/other")];
        behind.ask(PROXY, &fields, "https://api.example.com/").await.assert_passed();
        let answer = behind.ask(PROXY, &fields, "https://api.example.com/other/").await;
        answer.assert_invalid_proof(Reason::ProofMismatch);
        let answer = behind.ask(PROXY, &fields, "https://api.example.com/other").await;
        answer.assert_invalid_proof(Reason::ProofMismatch);
    }
}

#[tokio::test]
async fn what_is_no_host_or_can_be_read_in_two_ways_is_an_invalid_request() {
    let behind = Behind::of_hosts();
    for fields in [
        &[("x-forwarded-host", "api.example.com/other?")][..],
        &[("x-forwarded-host", "api.example.com#")],
        &[("x-forwarded-host", "user@api.example.com")],
        &[("x-forwarded-host", "https://api.example.com")],
        &[("x-forwarded-host", "api.example.com:0")],
        &[("x-forwarded-host", "api.example.com, api.example.com")],
        &[("x-forwarded-host", "api.example.com"), ("x-forwarded-host", "api.example.com")],
        &[("forwarded", "host=\"api.example.com/other?\"")],
        &[("forwarded", "host=\"api.example.com")],
        &[("forwarded", "host=api.example.com;host=api.example.com")],
        &[("forwarded", "x, host=api.example.com")],
        &[("forwarded", "host=api.example.com"), ("x-forwarded-host", "api.example.net:8443")],
    ] {
        assert_invalid(&behind.ask(PROXY, fields, "https://api.example.com/").await);
    }
    let mut sound = behind.request(&[("x-forwarded-host", "api.example.com")], "https://api.example.com/");
    sound.extensions_mut().insert(PeerAddress(PROXY.parse().unwrap()));
    sound.headers_mut().insert(HOST, "a,b".parse().unwrap());
    assert_invalid(&behind.api.send(sound).await);
}

/// An edge that ends TLS writes one, and a sidecar that speaks HTTP the other.
#[tokio::test]
async fn a_scheme_that_nobody_uses_is_not_read() {
    let schemes: [&[(&str, &str)]; 5] = [
        &[("forwarded", "proto=https"), ("x-forwarded-proto", "http")],
        &[("x-forwarded-proto", "https, http")],
        &[("x-forwarded-proto", "gopher")],
        &[("forwarded", "proto=gopher")],
        &[("forwarded", "for=192.0.2.1;proto=http")],
    ];
    let of_hosts = Behind::of_hosts();
    let of_url = Behind::with(|settings| settings.with_public_url("https://api.example.com"));
    for fields in schemes {
        of_url.ask(PROXY, fields, "https://api.example.com/").await.assert_passed();
        let with_host = [fields, &[("x-forwarded-host", "api.example.com")]].concat();
        of_hosts.ask(PROXY, &with_host, "https://api.example.com/").await.assert_passed();
        let answer = of_hosts.ask(PROXY, &with_host, "http://api.example.com/").await;
        answer.assert_invalid_proof(Reason::ProofMismatch);
    }
}

#[tokio::test]
async fn a_scheme_that_is_used_can_be_read_in_one_way() {
    let behind = Behind::with(|settings| settings);
    for fields in [
        [("forwarded", "proto=https"), ("x-forwarded-proto", "http")],
        [("forwarded", ""), ("x-forwarded-proto", "https, http")],
        [("forwarded", ""), ("x-forwarded-proto", "gopher")],
        [("forwarded", "proto=gopher"), ("x-forwarded-proto", "")],
    ] {
        let fields = [&fields[..], &[("x-forwarded-host", "localhost")]].concat();
        // Whether the host is a loopback host is unknown, so DPoP is not named.
        let answer = behind.ask(PROXY, &fields, "https://localhost/").await;
        answer.assert_challenged(400, Reason::MalformedRequest, &[("Bearer", Some("invalid_request"))]);
    }
}

/// Most proxies write one family and pass on what a client sends in the other.
#[tokio::test]
async fn the_family_of_fields_that_counts_can_be_chosen() {
    let x_forwarded = [("x-forwarded-host", "api.example.com")];
    let rfc7239 = [("forwarded", "host=api.example.com")];
    let behind = |fields| Behind::with(|settings| settings.with_hosts(["api.example.com"]).with_forwarded(fields));
    let url = "https://api.example.com/";
    for (fields, own, other) in
        [(ForwardedFields::XForwarded, x_forwarded, rfc7239), (ForwardedFields::Rfc7239, rfc7239, x_forwarded)]
    {
        let behind = behind(fields);
        behind.ask(PROXY, &own, url).await.assert_passed();
        behind.ask(PROXY, &other, url).await.assert_invalid_proof(Reason::ProofMismatch);
        for junk in ["evil.example", "a/b", "\"", "host=evil.example", "host=\"", "host=a;host=b"] {
            behind.ask(PROXY, &[own[0], (other[0].0, junk)], url).await.assert_passed();
        }
    }
    let both = behind(ForwardedFields::Both);
    both.ask(PROXY, &x_forwarded, url).await.assert_passed();
    both.ask(PROXY, &rfc7239, url).await.assert_passed();
    assert_invalid(&both.ask(PROXY, &[rfc7239[0], ("x-forwarded-host", "evil.example")], url).await);
}

#[tokio::test]
async fn a_peer_without_an_address_is_a_proxy_where_unix_sockets_are_trusted() {
    let fields = [("x-forwarded-host", "api.example.com")];
    let url = "https://api.example.com/";
    let with_hosts = |settings: AuthConfigBuilder| settings.with_hosts(["api.example.com"]);
    let trusting = Behind::with(|settings| with_hosts(settings).trust_unix_sockets());
    trusting.api.send(trusting.request(&fields, url)).await.assert_passed();
    // One with an address is judged by that.
    trusting.ask(PROXY, &fields, url).await.assert_passed();
    trusting.ask("192.0.2.1", &fields, url).await.assert_invalid_proof(Reason::ProofMismatch);
    let other = Behind::with(with_hosts);
    other.api.send(other.request(&fields, url)).await.assert_invalid_proof(Reason::ProofMismatch);
}

/// The credentials may be sound, so the client is not told otherwise.
#[tokio::test]
async fn a_400_for_its_address_says_so_in_the_body() {
    let behind = Behind::of_hosts();
    let answer = behind.ask(PROXY, &[("x-forwarded-host", "a/b")], "https://api.example.com/").await;
    assert_invalid(&answer);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("The address of the request is ambiguous"), "{detail}");
}

/// What a client makes up stands left of what trusted proxies add.
#[tokio::test]
async fn the_rightmost_hop_that_is_not_trusted_is_the_client() {
    let behind = Behind::of_hosts();
    for fields in [
        &[("forwarded", "for=10.0.0.7;host=evil.example, for=192.0.2.1;host=api.example.com, for=10.0.0.2;host=inner")]
            [..],
        &[("forwarded", "for=10.0.0.7;host=evil.example"), ("forwarded", "for=192.0.2.1;host=api.example.com")],
        &[
            ("x-forwarded-for", "10.0.0.7, 192.0.2.1, 10.0.0.2"),
            ("x-forwarded-host", "evil.example, api.example.com, inner"),
        ],
    ] {
        behind.ask(PROXY, fields, "https://api.example.com/").await.assert_passed();
        let answer = behind.ask(PROXY, fields, "https://evil.example/").await;
        answer.assert_invalid_proof(Reason::ProofMismatch);
    }
}

#[tokio::test]
async fn with_nothing_configured_loopback_hosts_are_ours_behind_a_proxy_too() {
    let behind = Behind::with(|settings| settings);
    for (fields, url) in [
        (&[("x-forwarded-host", "localhost:8443"), ("x-forwarded-proto", "https")][..], "https://localhost:8443/"),
        (&[("x-forwarded-host", "localhost:8080"), ("x-forwarded-proto", "http")], "http://localhost:8080/"),
        (&[("x-forwarded-host", "127.0.0.1:8080")], "http://127.0.0.1:8080/"),
        (&[("forwarded", "host=\"[::1]:8443\";proto=https")], "https://[::1]:8443/"),
        (&[("forwarded", "host=localhost;proto=wss")], "https://localhost/"),
    ] {
        behind.ask(PROXY, fields, url).await.assert_passed();
        let answer = behind.ask("192.0.2.1", fields, url).await;
        answer.assert_challenged(401, Reason::UnsupportedScheme, &[("Bearer", None)]);
    }
    let fields = [("x-forwarded-host", "api.example.com"), ("x-forwarded-proto", "https")];
    let answer = behind.ask(PROXY, &fields, "https://api.example.com/").await;
    answer.assert_challenged(401, Reason::UnsupportedScheme, &[("Bearer", None)]);
}

/// Pieces of both accounts, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let words = vec![
        "for=",
        "host=",
        "proto=",
        "by=",
        "evil.example",
        "api.example.com",
        "https",
        "http",
        "\"",
        "\\",
        ";",
        ",",
        " ",
        "=",
        "10.0.0.2",
        "192.0.2.1",
        "[::1]",
        ":443",
        "_x",
        "unknown",
    ];
    let piece = prop_oneof![1 => "[ -~]{0,4}", 8 => prop::sample::select(words).prop_map(str::to_owned)];
    vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_a_proxy_hands_on_is_read_and_no_other_host_is_ours(
        forwarded in pieces(), addresses in pieces(), host in pieces(), scheme in pieces(),
    ) {
        BEHIND.with(|behind| {
            let fields = [
                ("forwarded", forwarded.as_str()),
                ("x-forwarded-for", &addresses),
                ("x-forwarded-host", &host),
                ("x-forwarded-proto", &scheme),
            ];
            for url in ["https://evil.example/", "http://evil.example/", "http://api.example.com/"] {
                let answer = behind.ask(PROXY, &fields, url).now_or_never().unwrap();
                assert!(matches!(answer.status.as_u16(), 400 | 401), "{answer:?}");
            }
        });
    }
}

thread_local! {
    static BEHIND: Behind = Behind::of_hosts();
}

#[tokio::test]
async fn axum_knows_the_peer_too() {
    let behind = Behind::of_hosts();
    for (peer, status) in [("10.0.0.1:5000", 200), ("192.0.2.1:5000", 401)] {
        let mut asking = behind.request(&[("x-forwarded-host", "api.example.com")], "https://api.example.com/");
        asking.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        assert_eq!(behind.api.send(asking).await.status, status);
    }
}

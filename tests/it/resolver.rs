//! Issuers that the application decides upon for each request.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use claviger::AllowedIssuers;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::IssuerQuery;
use claviger::IssuerResolver;
use claviger::RequestParts;
use claviger::ResolverFuture;
use claviger::Verification;
use claviger::Verifier;
use claviger::error::Failure;
use claviger::error::Reason;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::HeaderMap;
use http::Request;
use http::Uri;
use http::header::AUTHORIZATION;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::Documents;
use crate::support::NOW;

fn issuer(name: &str, clock: &TestClock) -> TestIssuer {
    TestIssuer::builder().with_issuer(name).with_clock(clock.clone()).in_memory()
}

fn in_memory(issuer: &TestIssuer) -> Issuer {
    Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks())
}

async fn verdict(verifier: &Verifier, path: &str, token: &str) -> Result<(), Reason> {
    let (uri, headers) = (Uri::try_from(path).unwrap(), HeaderMap::new());
    let request = RequestParts::new(&uri, &headers);
    verifier.verify_for(token, &request).await.map(|_| ()).map_err(|error| error.reason())
}

/// What a resolver does, given an issuer that would be right.
type Respond = fn(Issuer) -> Result<AllowedIssuers, Box<dyn Error + Send + Sync>>;

/// The first segment of the path names the customer; answers are kept for each, and counted.
#[derive(Clone, Default)]
struct ByPath {
    answers: Arc<Mutex<BTreeMap<String, AllowedIssuers>>>,
    asked: Arc<AtomicUsize>,
}

impl ByPath {
    fn set(&self, customer: &str, answer: AllowedIssuers) {
        self.answers.lock().unwrap().insert(customer.to_owned(), answer);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl IssuerResolver for ByPath {
    fn resolve<'a>(&'a self, query: &'a IssuerQuery) -> ResolverFuture<'a> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let customer = self.cache_key(query).ok_or("no customer")?;
            self.answers.lock().unwrap().get(&customer).cloned().ok_or_else(|| format!("no customer {customer}").into())
        })
    }

    fn cache_key(&self, query: &IssuerQuery) -> Option<String> {
        query.uri()?.path().split('/').nth(1).map(str::to_owned)
    }
}

#[tokio::test]
async fn each_request_has_its_own_issuers() {
    let clock = TestClock::at_second(NOW);
    let [a, b] = ["https://a.example", "https://b.example"].map(|name| issuer(name, &clock));
    let resolver = ByPath::default();
    resolver.set("a", AllowedIssuers::configured([a.url()]));
    resolver.set("b", AllowedIssuers::found([in_memory(&b).require_claim("org_id")]));
    resolver.set("both", AllowedIssuers::configured([a.url()]).and(AllowedIssuers::found([in_memory(&b)])));
    resolver.set("none", AllowedIssuers::none());
    resolver.set("stranger", AllowedIssuers::configured(["https://c.example"]));
    let built = Verifier::builder(in_memory(&a)).with_resolver(resolver).with_clock(clock).build();
    let verifier = built.unwrap();
    let (of_a, of_b) = (a.token().sign(), b.token().sign());
    let unknown = Err(Reason::UnknownIssuer);
    for (path, expected_of_a, expected_of_b) in [
        ("/a/x", Ok(()), unknown),
        ("/b/x", unknown, Err(Reason::MissingClaim)),
        ("/both/x", Ok(()), Ok(())),
        ("/none/x", unknown, unknown),
        ("/stranger/x", unknown, unknown),
        ("/nobody/x", Err(Reason::ResolverFailed), Err(Reason::ResolverFailed)),
    ] {
        for _ in 0..2 {
            assert_eq!(verdict(&verifier, path, &of_a).await, expected_of_a, "{path}");
            assert_eq!(verdict(&verifier, path, &of_b).await, expected_of_b, "{path}");
        }
    }
    let crossed = a.token().signed_by(&b.current_key()).sign();
    assert!(verdict(&verifier, "/both/x", &crossed).await.is_err());
    verifier.remove_issuer(a.url());
    assert_eq!(verdict(&verifier, "/a/x", &of_a).await, unknown);
}

#[tokio::test]
async fn it_is_told_the_request_and_what_the_token_says() {
    let seen: Arc<Mutex<Vec<IssuerQuery>>> = Arc::default();
    let queries = Arc::clone(&seen);
    let verifier = Verifier::for_issuers([])
        .with_resolver(async move |query: IssuerQuery| {
            queries.lock().unwrap().push(query);
            Ok(AllowedIssuers::none())
        })
        .build()
        .unwrap();
    let token = TestIssuer::in_memory("https://a.example").token().sign();
    let mut request = Request::get("https://api.example.com/acme?x=1").header("x-tenant", "acme").body(()).unwrap();
    request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    assert!(verifier.verify_for(&token, &RequestParts::from(&request)).await.is_err());
    assert!(verifier.verify(&token).await.is_err());
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].issuer().as_unverified_str(), "https://a.example");
    assert_eq!(seen[0].uri().unwrap(), "https://api.example.com/acme?x=1");
    assert_eq!(seen[0].headers().unwrap()["x-tenant"], "acme");
    assert!(seen[1].uri().is_none() && seen[1].headers().is_none());
    for shown in [format!("{:?}", seen[0]), format!("{:?}", RequestParts::from(&request))] {
        assert!(!shown.contains(&token) && !shown.contains("Bearer"), "{shown}");
    }
}

#[tokio::test]
async fn it_is_never_asked_about_a_token_that_cannot_be_good() {
    let (resolver, clock) = (ByPath::default(), TestClock::at_second(NOW));
    let stranger = issuer("https://a.example", &clock);
    resolver.set("a", AllowedIssuers::none());
    let verifier = Verifier::for_issuers([]).with_resolver(resolver.clone()).build().unwrap();
    for token in [
        "junk".to_owned(),
        "a.b.c".to_owned(),
        stranger.token().raw_payload("[]").sign(),
        stranger.token().header("alg", "HS256").sign(),
        stranger.token().header("alg", "none").sign(),
        stranger.token().header("crit", vec!["x"]).sign(),
        stranger.token().without("iss").sign(),
        stranger.token().claim("iss", 7).sign(),
        stranger.token().claim("pad", "x".repeat(20_000)).sign(),
    ] {
        let error = verifier.verify(&token).await.unwrap_err();
        assert!(!matches!(error.reason(), Reason::UnknownIssuer | Reason::ResolverFailed), "{error}");
    }
    assert_eq!(resolver.asked(), 0);
    assert_eq!(verdict(&verifier, "/a", &stranger.token().sign()).await, Err(Reason::UnknownIssuer));
    assert_eq!(resolver.asked(), 1);
}

/// Attack G1 again: whatever it answers, an issuer that it does not name is asked for nothing.
#[tokio::test]
async fn nothing_is_fetched_before_it_has_answered() {
    let (documents, clock) = (Documents::default(), TestClock::at_second(NOW));
    let [a, b] = ["https://a.example", "https://b.example"].map(|name| issuer(name, &clock));
    for issuer in [&a, &b] {
        documents.serve_metadata(issuer.url(), issuer.url(), &format!("{}/jwks", issuer.url()));
        documents.serve(format!("{}/jwks", issuer.url()), issuer.jwks());
    }
    let asked = documents.clone();
    let only_a = Issuer::new(a.url(), AUDIENCE);
    let verifier = Verifier::for_issuers([])
        .with_resolver(async move |_: IssuerQuery| {
            assert_eq!(asked.asked().iter().filter(|url| url.contains("b.example")).count(), 0);
            Ok(AllowedIssuers::found([only_a]))
        })
        .with_clock(clock)
        .with_fetch(documents.clone())
        .build()
        .unwrap();
    for _ in 0..3 {
        assert_eq!(verdict(&verifier, "/", &b.token().sign()).await, Err(Reason::UnknownIssuer));
        assert_eq!(verdict(&verifier, "/", &a.token().sign()).await, Ok(()));
    }
    assert_eq!(documents.asked().len(), 2, "its keys are kept: {:?}", documents.asked());
}

#[tokio::test]
async fn a_failing_or_invalid_answer_is_our_fault_and_the_client_hears_nothing_of_it() {
    let token = TestIssuer::in_memory("https://a.example").token().sign();
    let wrong = || Issuer::new("https://a.example", AUDIENCE);
    let cases: [(&str, Respond); 7] = [
        ("the database is at 10.0.0.7", |_| Err("the database is at 10.0.0.7".into())),
        ("it panicked", |_| panic!("on purpose")),
        ("audience", |issuer| {
            Ok(AllowedIssuers::found([issuer.with_audience_rule(Default::default()).add_audience(" ")]))
        }),
        ("public address", |_| Ok(AllowedIssuers::found([Issuer::new("https://127.0.0.1", AUDIENCE)]))),
        ("insecure_http", |issuer| Ok(AllowedIssuers::found([issuer.with_insecure_http()]))),
        ("of one tenant", |_| {
            let template = Issuer::new("https://a.example/{tenant}", AUDIENCE).with_tenant_claim("tid");
            Ok(AllowedIssuers::found([template]))
        }),
        ("jwks", |issuer| Ok(AllowedIssuers::found([issuer, Issuer::new("https://b.example", "x").with_jwks("")]))),
    ];
    for (cause, answer) in cases {
        let (issuer, resolver) = (wrong(), async move |_: IssuerQuery, issuer: Issuer| answer(issuer));
        let cfg = AuthConfig::for_issuers([]).with_resolver(async move |query| resolver(query, issuer).await).build();
        let cfg = cfg.unwrap();
        let error = cfg.verifier().verify(&token).await.unwrap_err();
        assert!(matches!(error.failure(), Failure::ResolverFailed { cause: told } if told.contains(cause)), "{error}");
        let app = Router::new().route("/", get(async || "")).layer(AuthLayer::new(cfg));
        let answer = Answer::of(app.oneshot(crate::support::bearer("/", &token)).await.unwrap(), false).await;
        assert_eq!((answer.status.as_u16(), answer.reason), (503, Some(Reason::ResolverFailed)));
        assert_eq!(answer.headers["retry-after"], "1");
        assert!(!answer.headers.contains_key("www-authenticate"));
        assert!(!answer.body.contains(cause) && !format!("{:?}", answer.headers).contains(cause), "{answer:?}");
    }
}

#[tokio::test]
async fn answers_are_kept_for_a_minute_under_the_name_that_it_gives() {
    let (clock, resolver) = (TestClock::at_second(NOW), ByPath::default());
    let a = issuer("https://a.example", &clock);
    let far = Duration::from_secs(3600);
    let token = a.token().expires_in(far).sign();
    let answer = || AllowedIssuers::found([in_memory(&a)]);
    ["a", "b"].iter().for_each(|customer| resolver.set(customer, answer()));
    let builder = Verifier::for_issuers([]).with_resolver(resolver.clone()).with_clock(clock.clone());
    let verifier = builder.build().unwrap();
    assert_eq!(verdict(&verifier, "/a/1", &token).await, Ok(()));
    resolver.set("a", AllowedIssuers::none());
    assert_eq!(verdict(&verifier, "/a/2", &token).await, Ok(()));
    assert_eq!(resolver.asked(), 1);
    let (uri, headers) = (Uri::from_static("/a/3"), HeaderMap::new());
    let begun = verifier.begin_for(&token, &RequestParts::new(&uri, &headers));
    assert!(matches!(begun, Verification::Decided(Ok(_))), "nothing is to be awaited");
    assert_eq!(verdict(&verifier, "/b/1", &token).await, Ok(()));
    assert_eq!(resolver.asked(), 2);
    clock.advance(Duration::from_secs(59));
    assert_eq!(verdict(&verifier, "/a/4", &token).await, Ok(()));
    clock.advance(Duration::from_secs(1));
    assert_eq!(verdict(&verifier, "/a/5", &token).await, Err(Reason::UnknownIssuer));
    // Failures are not kept.
    for asked in [4, 5] {
        assert_eq!(verdict(&verifier, "/c", &token).await, Err(Reason::ResolverFailed));
        assert_eq!(resolver.asked(), asked);
    }
}

/// The rules that count are those of the last answer.
#[tokio::test]
async fn an_issuer_that_comes_with_other_rules_is_judged_by_those() {
    let (documents, clock) = (Documents::default(), TestClock::at_second(NOW));
    let a = issuer("https://a.example", &clock);
    documents.serve_metadata(a.url(), a.url(), "https://a.example/jwks");
    documents.serve("https://a.example/jwks", a.jwks());
    let name = a.url().to_owned();
    let verifier = Verifier::for_issuers([])
        .with_resolver(async move |query: IssuerQuery| {
            let application = query.uri().map_or("", |uri| uri.path()).trim_start_matches('/').to_owned();
            Ok(AllowedIssuers::found([Issuer::new(name, AUDIENCE).bind_claim("app_id", application)]))
        })
        .with_clock(clock)
        .with_fetch(documents.clone())
        .build()
        .unwrap();
    for _ in 0..2 {
        for (application, other) in [("billing", "reports"), ("reports", "billing")] {
            let token = a.token().claim("app_id", application).sign();
            assert_eq!(verdict(&verifier, &format!("/{application}"), &token).await, Ok(()));
            assert_eq!(verdict(&verifier, &format!("/{other}"), &token).await, Err(Reason::WrongClaim));
        }
    }
    assert_eq!(documents.asked().len(), 2);
}

#[tokio::test]
async fn the_layer_tells_it_the_address_that_the_client_sent() {
    let (clock, resolver) = (TestClock::at_second(NOW), ByPath::default());
    let [a, b] = ["https://a.example", "https://b.example"].map(|name| issuer(name, &clock));
    resolver.set("a", AllowedIssuers::found([in_memory(&a)]));
    resolver.set("b", AllowedIssuers::found([in_memory(&b)]));
    let cfg = AuthConfig::for_issuers([]).with_resolver(resolver).with_clock(clock).build().unwrap();
    let inside = Router::new().route("/reports", get(async || "")).layer(AuthLayer::new(cfg));
    let app = Router::new().nest("/a", inside.clone()).nest("/b", inside);
    for (path, issuer, expected) in [("/a", &a, 200), ("/a", &b, 401), ("/b", &b, 200), ("/b", &a, 401)] {
        let token = format!("Bearer {}", issuer.token().sign());
        let request = Request::get(format!("{path}/reports")).header(AUTHORIZATION, token).body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), expected, "{path} {}", issuer.url());
    }
}

#[test]
fn without_issuers_there_must_be_a_resolver() {
    assert_eq!(Verifier::for_issuers([]).build().unwrap_err().problems()[0].path(), "issuers");
    let resolver = async |_: IssuerQuery| Ok(AllowedIssuers::none());
    assert!(AuthConfig::for_issuers([]).with_resolver(resolver).build().is_ok());
}

/// Both are found at run time under one name, and neither lends the other its rules.
#[tokio::test]
async fn a_tenant_of_a_template_and_an_issuer_that_is_brought_are_not_mixed_up() {
    let clock = TestClock::at_second(NOW);
    let acme = issuer("https://login.example/acme", &clock);
    let documents = Documents::default();
    documents.serve_metadata(acme.url(), acme.url(), "https://login.example/keys");
    documents.serve("https://login.example/keys", acme.jwks());
    let template = Issuer::new("https://login.example/{tenant}", AUDIENCE).with_tenant_claim("tid");
    let brought = || Issuer::new(acme.url(), "other").with_jwks_uri("https://login.example/keys");
    let resolver = ByPath::default();
    resolver.set("configured", AllowedIssuers::configured([acme.url()]));
    resolver.set("brought", AllowedIssuers::found([brought()]));
    let builder = Verifier::builder(template).with_resolver(resolver).with_clock(clock).with_fetch(documents);
    let verifier = builder.build().unwrap();
    let of_tenant = acme.token().claim("tid", "acme").sign();
    let of_brought = acme.token().audience("other").sign();
    for _ in 0..2 {
        assert_eq!(verdict(&verifier, "/brought", &of_brought).await, Ok(()));
        assert_eq!(verdict(&verifier, "/configured", &of_brought).await, Err(Reason::WrongAudience));
        assert_eq!(verdict(&verifier, "/configured", &of_tenant).await, Ok(()));
        assert_eq!(verdict(&verifier, "/brought", &of_tenant).await, Err(Reason::WrongAudience));
    }
}

/// Whose rules hold must not depend on their order.
#[tokio::test]
async fn an_answer_with_two_issuers_of_one_name_is_not_sound() {
    let clock = TestClock::at_second(NOW);
    let a = issuer("https://a.example", &clock);
    let b = issuer("https://b.example", &clock);
    let found = |issuer: &TestIssuer| AllowedIssuers::found([in_memory(issuer)]);
    for (answer, expected) in [
        (found(&a).and(found(&b)), Ok(())),
        (AllowedIssuers::configured([a.url(), a.url()]), Ok(())),
        (AllowedIssuers::configured([b.url()]).and(found(&a)), Ok(())),
        (found(&a).and(found(&a)), Err(Reason::ResolverFailed)),
        (found(&a).and(AllowedIssuers::found([in_memory(&a).require_claim("org_id")])), Err(Reason::ResolverFailed)),
        (found(&a).and(AllowedIssuers::found([in_memory(&b).add_alias(a.url())])), Err(Reason::ResolverFailed)),
        (AllowedIssuers::configured([a.url()]).and(found(&a)), Err(Reason::ResolverFailed)),
    ] {
        let resolver = ByPath::default();
        resolver.set("x", answer.clone());
        let builder = Verifier::builder(in_memory(&a)).with_resolver(resolver).with_clock(clock.clone());
        let verifier = builder.build().unwrap();
        assert_eq!(verdict(&verifier, "/x", &a.token().sign()).await, expected, "{answer:?}");
    }
}

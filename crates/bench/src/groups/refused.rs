//! Tokens that are refused, beside tokens that are accepted: a refusal is never the dearer one.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use claviger::AuthConfig;
use claviger::Fetch;
use claviger::FetchFuture;
use claviger::Issuer;
use claviger::clock::Clock;
use claviger::clock::SystemClock;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use http::StatusCode;
use tokio::runtime;

use super::MakeGroup;
use super::USUAL;
use crate::Freshness;
use crate::Group;
use crate::Guarded;
use crate::KeyKind;
use crate::Signed;
use crate::guarded::AUDIENCE;
use crate::unguarded;

pub(super) fn groups(tokens: usize) -> Vec<MakeGroup> {
    vec![Box::new(move || group("core", tokens)), Box::new(move || group("layer", tokens))]
}

fn group(place: &str, count: usize) -> Group {
    let kind = KeyKind::Rs256;
    let issuer = TestIssuer::builder().with_key(kind.generate()).in_memory();
    let accepted = Signed::by(&issuer, kind, count, USUAL);
    let at_hand = Guarded::with_keys_of(&issuer);
    let mut group = Group::new(format!("refused {kind}, {place}"));
    group = match place {
        "core" => group.add("accepted", at_hand.core(accepted.tokens(), Freshness::FirstSeen)),
        _ => group
            .add("accepted and answered", at_hand.route(accepted.tokens(), Freshness::FirstSeen))
            .add("router", unguarded(accepted.tokens())),
    };
    for (name, tokens) in refused_tokens(&issuer, &accepted) {
        let (guarded, status) = if name == UNKNOWN_KEY {
            (without_budget(&issuer, &tokens), StatusCode::TOO_MANY_REQUESTS)
        } else {
            (at_hand.clone(), StatusCode::UNAUTHORIZED)
        };
        group = match place {
            "core" => group.add(name, guarded.core(&tokens, Freshness::SeenBefore).refusing()),
            _ => group.add(name, guarded.route(&tokens, Freshness::SeenBefore).expecting(status)),
        };
    }
    group
}

fn refused_tokens(issuer: &TestIssuer, accepted: &Signed) -> Vec<(&'static str, Arc<[String]>)> {
    let stranger = TestIssuer::builder().with_issuer("https://stranger.example.com").with_key(issuer.current_key());
    let stranger = stranger.in_memory();
    let secret = SigningKey::generate(SigningAlgorithm::Hs256);
    let each = |make: &dyn Fn(usize) -> String| (0..accepted.tokens().len()).map(make).collect::<Arc<[_]>>();
    let changed = |at: usize| accepted.tokens().get(at).map(|token| with_other_signature(token)).unwrap_or_default();
    vec![
        ("junk", each(&|at| format!("{at:04}").repeat(USUAL / 4))),
        ("algorithm HS256", each(&|_| issuer.token().signed_by(&secret).sign())),
        ("unknown issuer", each(&|_| stranger.token().sign())),
        (UNKNOWN_KEY, each(&|at| issuer.token().header("kid", format!("unknown-{at}")).sign())),
        ("expired", each(&|_| issuer.token().claim("exp", 1_000_000_000).sign())),
        ("bad signature", each(&changed)),
    ]
}

/// The signature of a token with one character in its middle changed.
fn with_other_signature(token: &str) -> String {
    let at = token.len() - 100;
    let (before, rest) = token.split_at(at);
    let other = if rest.starts_with('A') { 'B' } else { 'A' };
    format!("{before}{other}{}", rest.get(1..).unwrap_or_default())
}

/// An issuer whose keys were fetched and that may not be asked again, because `tokens` have used up the budget.
fn without_budget(issuer: &TestIssuer, tokens: &Arc<[String]>) -> Guarded {
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri(format!("{}/jwks", issuer.url()));
    let now = SystemClock::new().unix().expect("the machine knows the time");
    let cfg = AuthConfig::builder(trusted).with_clock(Stopped(now)).with_fetch(Document(issuer.jwks()));
    let cfg = cfg.build().expect("a sound configuration");
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        cfg.verifier().ready().await.expect("the keys are fetched");
        for token in tokens.iter() {
            cfg.verifier().verify(token).await.expect_err("the key is unknown");
        }
    });
    Guarded::new(move || cfg.clone())
}

/// Time that does not pass, so that no budget is refilled.
#[derive(Debug)]
struct Stopped(Duration);

impl Clock for Stopped {
    fn unix(&self) -> Option<Duration> {
        Some(self.0)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Keys that are fetched without a network.
#[derive(Debug)]
struct Document(String);

impl Fetch for Document {
    fn fetch(&self, _: Request<()>) -> FetchFuture<'_> {
        Box::pin(async { Ok(Response::new(Bytes::from(self.0.clone()))) })
    }
}

const UNKNOWN_KEY: &str = "unknown key, empty budget";

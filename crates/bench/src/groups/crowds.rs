//! One issuer of many, one key of many.

use claviger::AuthConfig;
use claviger::Issuer;
use claviger::KeySettings;
use claviger_testing::TestIssuer;

use super::MakeGroup;
use super::TOKENS;
use super::USUAL;
use crate::Freshness;
use crate::Group;
use crate::Guarded;
use crate::KeyKind;
use crate::Signed;
use crate::guarded::AUDIENCE;

pub(super) fn groups() -> Vec<MakeGroup> {
    vec![Box::new(issuers), Box::new(keys)]
}

fn issuers() -> Group {
    let key = KeyKind::Rs256.generate();
    let issuer = TestIssuer::builder().with_key(key).in_memory();
    let signed = Signed::by(&issuer, KeyKind::Rs256, TOKENS, USUAL);
    let mut group = Group::new("one of many issuers, core, first-seen RS256");
    for count in [1, 100, 10_000] {
        let others = (1..count).map(|at| format!("https://tenant-{at}.example.com"));
        let all = others.chain([issuer.url().to_owned()]);
        let trusted: Vec<_> = all.map(|url| Issuer::new(url, AUDIENCE).with_jwks(issuer.jwks())).collect();
        group = group.add(plural(count, "issuer"), at_once(trusted, KeySettings::default(), &signed));
    }
    group
}

fn keys() -> Group {
    let mut group = Group::new("one of many keys, core, first-seen ES256");
    let keys: Vec<_> = (0..1000).map(|_| KeyKind::Es256.generate()).collect();
    for count in [1, 100, 1000] {
        let issuer = TestIssuer::builder().with_keys(keys.iter().take(count).cloned()).in_memory();
        let signed = Signed::by(&issuer, KeyKind::Es256, TOKENS, USUAL);
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let mut settings = KeySettings::default();
        settings.max_keys = 1000;
        group = group.add(plural(count, "key"), at_once(vec![trusted], settings, &signed));
    }
    group
}

/// Configurations without a memory of tokens, because making ten thousand issuers anew for each run would empty the
/// caches of the processor.
fn at_once(issuers: Vec<Issuer>, settings: KeySettings, signed: &Signed) -> crate::Core {
    let mut issuers = issuers.into_iter();
    let first = issuers.next().expect("at least one issuer");
    let builder = AuthConfig::builder(first).with_keys(settings).with_cache_bytes(0);
    let cfg = issuers.fold(builder, |builder, issuer| builder.add_issuer(issuer));
    let cfg = cfg.build().expect("a sound configuration");
    Guarded::new(move || cfg.clone()).core(signed.tokens(), Freshness::FirstSeen)
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

//! The same work on more threads at once.

use std::fmt;
use std::sync::Arc;
use std::thread;

use claviger::AuthConfig;
use claviger::Issuer;
use claviger::Verifier;
use claviger_testing::TestIssuer;

use super::MakeGroup;
use super::USUAL;
use crate::Freshness;
use crate::Group;
use crate::KeyKind;
use crate::Signed;
use crate::Work;
use crate::guarded::AUDIENCE;
use crate::verifier::is_believed;

pub(super) fn groups() -> Vec<MakeGroup> {
    vec![Box::new(|| group(Freshness::FirstSeen)), Box::new(|| group(Freshness::SeenBefore))]
}

fn group(freshness: Freshness) -> Group {
    let issuer = TestIssuer::builder().with_key(KeyKind::Rs256.generate()).in_memory();
    let signed = Signed::by(&issuer, KeyKind::Rs256, TOKENS, USUAL);
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let (name, laps) = match freshness {
        Freshness::FirstSeen => ("first-seen", 1),
        Freshness::SeenBefore => ("seen-before", LAPS),
    };
    let mut group = Group::new(format!("threads, core, {name} RS256"));
    for threads in [1, 2, 4] {
        let name = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
        let crew =
            Crew { trusted: trusted.clone(), tokens: Arc::clone(signed.tokens()), threads, laps, verifier: None };
        group = group.add(name, crew);
    }
    group
}

/// Threads that share a verifier and each have their part of the tokens.
struct Crew {
    trusted: Issuer,
    tokens: Arc<[String]>,
    threads: usize,
    laps: usize,
    verifier: Option<Verifier>,
}

impl Work for Crew {
    fn prepare(&mut self) {
        // More than one lap is about tokens that were seen before.
        if self.laps == 1 || self.verifier.is_none() {
            let cfg = AuthConfig::builder(self.trusted.clone()).build().expect("a sound configuration");
            self.verifier = Some(cfg.verifier().clone());
        }
    }

    fn run(&mut self) {
        let (verifier, laps) = (self.verifier.as_ref().expect("it was prepared"), self.laps);
        thread::scope(|scope| {
            for part in self.tokens.chunks(self.tokens.len().div_ceil(self.threads)) {
                scope.spawn(move || {
                    for token in (0..laps).flat_map(|_| part) {
                        assert!(is_believed(verifier, token), "a good token");
                    }
                });
            }
        });
    }

    fn tokens(&self) -> usize {
        self.tokens.len() * self.laps
    }

    fn is_on_one_thread(&self) -> bool {
        false
    }
}

impl fmt::Debug for Crew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crew").field("threads", &self.threads).finish_non_exhaustive()
    }
}

/// So many that starting a thread costs little beside them.
const TOKENS: usize = 4096;
/// A token that was seen before costs a hundredth of one that was not.
const LAPS: usize = 100;

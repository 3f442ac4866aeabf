//! Tokens judged by core, without a request around them.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

use claviger::Verification;
use claviger::Verifier;

use crate::Freshness;
use crate::Work;
use crate::ring::Ring;

/// Tokens judged by a [`Verifier`].
pub struct Core {
    make: Box<dyn Fn() -> Verifier>,
    verifier: Verifier,
    tokens: Arc<[String]>,
    freshness: Freshness,
    is_believed: bool,
    ring: Ring,
}

impl Core {
    pub(crate) fn new(make: impl Fn() -> Verifier + 'static, tokens: Arc<[String]>, freshness: Freshness) -> Self {
        let verifier = make();
        let ring = Ring::of(tokens.len());
        let this = Self { make: Box::new(make), verifier, tokens, freshness, is_believed: true, ring };
        if freshness == Freshness::SeenBefore {
            for token in &*this.tokens {
                is_believed(&this.verifier, token);
            }
        }
        this
    }

    /// All of the tokens are refused.
    #[must_use]
    pub fn refusing(self) -> Self {
        Self { is_believed: false, ..self }
    }
}

impl Work for Core {
    fn prepare(&mut self) {
        if self.freshness == Freshness::FirstSeen && self.ring.is_at_start() {
            self.verifier = (self.make)();
        }
    }

    fn run(&mut self) {
        for token in self.tokens.get(self.ring.next()).unwrap_or_default() {
            assert_eq!(is_believed(&self.verifier, black_box(token)), self.is_believed, "the verdict on a token");
        }
    }

    fn tokens(&self) -> usize {
        self.ring.step()
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}

/// # Panics
///
/// If something had to be awaited, which would not be what is measured.
#[expect(clippy::panic, reason = "documented")]
pub(crate) fn is_believed(verifier: &Verifier, token: &str) -> bool {
    match verifier.begin(token) {
        Verification::Decided(verdict) => verdict.is_ok(),
        Verification::Waiting(_) => panic!("the keys are not at hand"),
    }
}

//! Identities that were looked up a moment ago.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::unsync::Cache;
use tokio::sync::OnceCell;

use crate::cloudflare_access::Identity;
use crate::cloudflare_access::IdentityError;

/// A session: the user, and the nonce that names it.
pub(super) type Session = (String, String);

/// One answer, which those who ask at the same time share.
pub(super) type Answer = Arc<OnceCell<Result<Arc<Identity>, IdentityError>>>;

/// Answers by session, at most so many.
pub(super) struct Kept {
    lifetime: Duration,
    answers: Cache<Session, (Duration, Answer)>,
}

impl Kept {
    pub(super) fn new(capacity: usize, lifetime: Duration) -> Self {
        Self { lifetime, answers: Cache::new(capacity.max(1)) }
    }

    /// The answer for this session, to be awaited or made by whoever comes first.
    pub(super) fn answer(&mut self, session: Session, now: Duration) -> Answer {
        if let Some((since, answer)) = self.answers.get(&session)
            && self.serves(*since, answer, now)
        {
            return Arc::clone(answer);
        }
        let answer = Answer::default();
        self.answers.insert(session, (now, Arc::clone(&answer)));
        answer
    }

    /// A failure is kept for a moment alone, so that Access is asked again soon and not by every request.
    fn serves(&self, since: Duration, answer: &Answer, now: Duration) -> bool {
        let lifetime = match answer.get() {
            Some(Err(_)) => self.lifetime.min(FAILURE_LIFETIME),
            Some(Ok(_)) | None => self.lifetime,
        };
        now.saturating_sub(since) < lifetime
    }
}

const FAILURE_LIFETIME: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn session(name: &str) -> Session {
        (name.to_owned(), "nonce".to_owned())
    }

    #[test]
    fn no_more_are_kept_than_may_be() {
        for capacity in [0, 1, 2, 100] {
            let mut kept = Kept::new(capacity, Duration::from_secs(60));
            for at in 0..1000 {
                let answer = kept.answer(session(&at.to_string()), Duration::from_secs(1));
                assert!(Arc::ptr_eq(&answer, &kept.answer(session(&at.to_string()), Duration::from_secs(2))));
                assert!(kept.answers.len() <= capacity.max(1));
            }
            assert_eq!(kept.answers.len(), capacity.max(1));
        }
    }

    #[test]
    fn an_answer_serves_as_long_as_it_may() {
        let mut kept = Kept::new(2, Duration::from_secs(60));
        let answer = kept.answer(session("a"), Duration::ZERO);
        assert!(Arc::ptr_eq(&answer, &kept.answer(session("a"), Duration::from_millis(59_999))));
        assert!(!Arc::ptr_eq(&answer, &kept.answer(session("a"), Duration::from_secs(60))));
        assert_eq!(kept.answers.len(), 1);
    }

    #[test]
    fn a_failure_serves_for_five_seconds() {
        let mut kept = Kept::new(2, Duration::from_secs(60));
        let answer = kept.answer(session("a"), Duration::ZERO);
        answer.set(Err(IdentityError::Deadline)).unwrap();
        assert!(Arc::ptr_eq(&answer, &kept.answer(session("a"), Duration::from_millis(4_999))));
        assert!(!Arc::ptr_eq(&answer, &kept.answer(session("a"), Duration::from_secs(5))));
    }
}

//! Identities that were looked up a moment ago.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::cloudflare_access::Identity;
use crate::cloudflare_access::IdentityError;

/// A session: the user, and the nonce that names it.
pub(super) type Session = (String, String);

/// One answer, which those who ask at the same time share.
pub(super) type Answer = Arc<OnceCell<Result<Arc<Identity>, IdentityError>>>;

/// Answers by session, at most so many.
#[derive(Debug)]
pub(super) struct Kept {
    capacity: usize,
    lifetime: Duration,
    answers: HashMap<Session, (Duration, Answer)>,
}

impl Kept {
    pub(super) fn new(capacity: usize, lifetime: Duration) -> Self {
        Self { capacity: capacity.max(1), lifetime, answers: HashMap::new() }
    }

    /// The answer for this session, to be awaited or made by whoever comes first.
    pub(super) fn answer(&mut self, session: Session, now: Duration) -> Answer {
        if let Some((since, answer)) = self.answers.get(&session)
            && self.serves(*since, answer, now)
        {
            return Arc::clone(answer);
        }
        self.answers.remove(&session);
        if self.answers.len() >= self.capacity {
            self.make_room(now);
        }
        let answer = Answer::default();
        self.answers.insert(session, (now, Arc::clone(&answer)));
        answer
    }

    fn make_room(&mut self, now: Duration) {
        let mut answers = std::mem::take(&mut self.answers);
        answers.retain(|_, (since, answer)| self.serves(*since, answer, now));
        if answers.len() >= self.capacity {
            let oldest = answers.iter().min_by_key(|(_, (since, _))| *since).map(|(session, _)| session.clone());
            oldest.and_then(|session| answers.remove(&session));
        }
        self.answers = answers;
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
    fn no_more_are_kept_than_may_be_and_the_oldest_goes_first() {
        let mut kept = Kept::new(2, Duration::from_secs(60));
        let at = Duration::from_secs;
        let first = kept.answer(session("a"), at(0));
        let second = kept.answer(session("b"), at(1));
        kept.answer(session("c"), at(2));
        assert_eq!(kept.answers.len(), 2);
        assert!(Arc::ptr_eq(&second, &kept.answer(session("b"), at(3))));
        assert!(!Arc::ptr_eq(&first, &kept.answer(session("a"), at(4))));
        assert_eq!(kept.answers.len(), 2);
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

//! What the log hears of fetches that fail in a row: one warning for an outage, however long it is.

use crate::keys::KeyErrorKind;

/// What the log has heard of the failures since the last success.
#[derive(Debug, Default)]
pub(super) struct Outage {
    is_logged: bool,
    is_mismatch_logged: bool,
    is_worry_logged: bool,
}

/// How loud a failure is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Loudness {
    /// The operator has to change something.
    Error,
    Warn,
    /// Of an issuer that anybody can have invented.
    Info,
    /// Nothing new.
    Debug,
}

impl Outage {
    /// Takes in a failure. It is `worrying` where keys have long served past their lifetime, and the issuer is `known`
    /// where it is not just a name in a token.
    pub(super) fn failed(&mut self, kind: KeyErrorKind, worrying: bool, known: bool) -> Loudness {
        let is_mismatch = kind == KeyErrorKind::IssuerMismatch;
        let is_new_mismatch = is_mismatch && !self.is_mismatch_logged;
        let is_new = !self.is_logged || worrying && !self.is_worry_logged;
        self.is_logged = true;
        self.is_mismatch_logged |= is_mismatch;
        self.is_worry_logged |= worrying;
        match known {
            true if is_new_mismatch => Loudness::Error,
            true if is_new => Loudness::Warn,
            false if is_new_mismatch || is_new => Loudness::Info,
            true | false => Loudness::Debug,
        }
    }

    /// Takes in a success. Whether it ends an outage.
    pub(super) fn end(&mut self) -> bool {
        std::mem::take(self).is_logged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_one_warning_and_one_more_when_it_worries() {
        let mut outage = Outage::default();
        let mut failed = |worrying| outage.failed(KeyErrorKind::Transport, worrying, true);
        let heard = [failed(false), failed(false), failed(true), failed(true), failed(false)];
        assert_eq!(heard, [Loudness::Warn, Loudness::Debug, Loudness::Warn, Loudness::Debug, Loudness::Debug]);
        assert!(outage.end());
        assert!(!outage.end());
        assert_eq!(outage.failed(KeyErrorKind::Deadline, false, true), Loudness::Warn);
    }

    #[test]
    fn a_mismatch_is_an_error_of_its_own_in_each_outage() {
        let mut outage = Outage::default();
        let mut failed = |kind| outage.failed(kind, false, true);
        let kinds = [KeyErrorKind::Transport, KeyErrorKind::IssuerMismatch, KeyErrorKind::IssuerMismatch];
        assert_eq!(kinds.map(&mut failed), [Loudness::Warn, Loudness::Error, Loudness::Debug]);
    }

    #[test]
    fn an_invented_issuer_warns_nobody() {
        let mut outage = Outage::default();
        assert_eq!(outage.failed(KeyErrorKind::IssuerMismatch, false, false), Loudness::Info);
        assert_eq!(outage.failed(KeyErrorKind::IssuerMismatch, false, false), Loudness::Debug);
    }
}

//! What constructors are given, checked before it becomes part of an address.

use claviger_core::Issuer;
use url::Url;

/// Checks arguments one by one; what is wrong goes to the issuer that is made of them.
///
/// A wrong argument is replaced by one that is right, so that its problem is told once and the others are found too.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    problems: Vec<(&'static str, &'static str)>,
}

impl Arguments {
    /// A host, perhaps with a port: no scheme, no path, nothing that an address would have to normalise.
    pub(crate) fn domain<'a>(&mut self, member: &'static str, value: &'a str) -> &'a str {
        self.checked(member, value, "domain.invalid", domain_problem(value))
    }

    /// One segment of a path, of unreserved characters (RFC 3986, section 2.3).
    pub(crate) fn segment<'a>(&mut self, member: &'static str, value: &'a str) -> &'a str {
        let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        let problem = match value {
            _ if value.trim().is_empty() => Some(BLANK),
            "." | ".." => Some("must be a name, and this one means a folder in an address"),
            _ if !is_plain => Some("must hold nothing but letters, digits and `-._~`"),
            _ => None,
        };
        self.checked(member, value, "invalid", problem)
    }

    /// Any text that is not blank.
    pub(crate) fn text<'a>(&mut self, member: &'static str, value: &'a str) -> &'a str {
        self.checked(member, value, "invalid", value.trim().is_empty().then_some(BLANK))
    }

    /// Whatever meets `rule`, which is told otherwise.
    pub(crate) fn matching<'a>(
        &mut self,
        member: &'static str,
        value: &'a str,
        is_met: bool,
        rule: &'static str,
    ) -> &'a str {
        let problem = if value.trim().is_empty() { Some(BLANK) } else { (!is_met).then_some(rule) };
        self.checked(member, value, "invalid", problem)
    }

    /// An address below which the issuer is: not normalised, and without a slash at the end.
    pub(crate) fn base_url<'a>(&mut self, member: &'static str, value: &'a str) -> &'a str {
        let is_base = Url::parse(value).is_ok_and(|url| url.has_host()) && !value.ends_with('/');
        self.address(member, value, is_base, "must be an address without a slash at the end")
    }

    /// Scheme, host and perhaps a port, spelled as browsers do (RFC 6454, section 6.2).
    pub(crate) fn origin<'a>(&mut self, member: &'static str, value: &'a str) -> &'a str {
        let is_origin = Url::parse(value).is_ok_and(|url| url.origin().ascii_serialization() == value);
        self.address(member, value, is_origin, "must be an origin, without a path and without a slash at the end")
    }

    /// Notes that the argument is wrong for another reason.
    pub(crate) fn wrong(&mut self, member: &'static str, problem: &'static str) {
        self.problems.push((member, problem));
    }

    /// Hands the problems to `issuer`, which tells them when it is built.
    pub(crate) fn of(self, issuer: Issuer) -> Issuer {
        self.problems.into_iter().fold(issuer, |issuer, (member, message)| issuer.add_problem(member, message))
    }

    fn address<'a>(&mut self, member: &'static str, value: &'a str, is_met: bool, rule: &'static str) -> &'a str {
        let problem = if value.trim().is_empty() { Some(BLANK) } else { (!is_met).then_some(rule) };
        self.checked(member, value, "https://domain.invalid", problem)
    }

    fn checked<'a>(
        &mut self,
        member: &'static str,
        value: &'a str,
        stand_in: &'static str,
        problem: Option<&'static str>,
    ) -> &'a str {
        let Some(message) = problem else { return value };
        self.problems.push((member, message));
        stand_in
    }
}

fn domain_problem(value: &str) -> Option<&'static str> {
    if value.trim().is_empty() {
        return Some(BLANK);
    }
    if value.contains("://") {
        return Some("must be a domain alone, without a scheme");
    }
    if value.contains(['/', '?', '#', '\\']) {
        return Some("must be a domain alone, without a path");
    }
    if value.contains(['{', '}', '<', '>', '$', '*', '%']) {
        return Some("must be a domain that is filled in, without the characters of a template");
    }
    if value.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some("must be in lower case, as `iss` has it");
    }
    let (host, port) = value.split_once(':').map_or((value, None), |(host, port)| (host, Some(port)));
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    if host.split('.').all(is_label) && port.is_none_or(is_port) {
        None
    } else {
        Some("must be a domain, such as `login.example.com`")
    }
}

fn is_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(is_inner)
}

const BLANK: &str = "must not be blank";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_taken_as_it_is() {
        for domain in ["tenant.eu.auth0.com", "localhost:8080", "xn--bcher-kva.example", "127.0.0.1", "a-b.example"] {
            assert_eq!(domain_problem(domain), None, "{domain}");
        }
    }

    #[test]
    fn whatever_an_address_would_have_to_normalise_is_wrong() {
        for (domain, word) in [
            ("", "blank"),
            (" ", "blank"),
            ("https://tenant.example", "scheme"),
            ("tenant.example/", "path"),
            ("tenant.example/realms/x", "path"),
            ("tenant.example?x", "path"),
            ("tenant.example#x", "path"),
            ("TENANT.example", "lower case"),
            ("{tenant}.example", "template"),
            ("*.example", "template"),
            ("%74enant.example", "template"),
            ("$TENANT.example", "template"),
            ("user@tenant.example", "must be a domain"),
            (" tenant.example", "must be a domain"),
            ("tenant.example.", "must be a domain"),
            ("tenant..example", "must be a domain"),
            ("-tenant.example", "must be a domain"),
            ("tenant.example:", "must be a domain"),
            ("tenant.example:0", "must be a domain"),
            ("tenant.example:65536", "must be a domain"),
            ("tenant.example:+443", "must be a domain"),
            ("tenänt.example", "must be a domain"),
        ] {
            let problem = domain_problem(domain);
            assert!(problem.is_some_and(|problem| problem.contains(word)), "{domain:?}: {problem:?}");
        }
    }

    #[test]
    fn an_origin_has_no_path_and_a_base_no_slash_at_the_end() {
        for (value, is_base, is_origin) in [
            ("https://auth.example.com", true, true),
            ("http://localhost:3000", true, true),
            ("https://auth.example.com:443", true, false),
            ("https://AUTH.example.com", true, false),
            ("https://auth.example.com/x", true, false),
            ("https://auth.example.com/", false, false),
            ("auth.example.com", false, false),
            ("", false, false),
        ] {
            let (mut base, mut origin) = (Arguments::default(), Arguments::default());
            base.base_url("base_url", value);
            origin.origin("issuer", value);
            assert_eq!((base.problems.is_empty(), origin.problems.is_empty()), (is_base, is_origin), "{value:?}");
        }
    }

    #[test]
    fn a_segment_is_one_and_needs_no_encoding() {
        for (value, is_right) in [
            ("main", true),
            ("eu-west-1_AbC", true),
            ("", false),
            ("a/b", false),
            ("..", false),
            ("a b", false),
            ("{x}", false),
        ] {
            let mut arguments = Arguments::default();
            arguments.segment("realm", value);
            assert_eq!(arguments.problems.is_empty(), is_right, "{value:?}");
        }
    }
}

//! Names, resolved to public addresses alone.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use reqwest::dns::Addrs;
use reqwest::dns::Name;
use reqwest::dns::Resolve;
use reqwest::dns::Resolving;
use tokio::net::lookup_host;

use crate::keys::public_address::is_public;

/// Hands to the connector what another resolver answers, as far as it is public.
///
/// The connector has no other addresses and asks for no others, so what was checked is what it connects to: a name that
/// answers otherwise the next time is checked the next time. Of a mixed answer the public addresses are kept. To refuse
/// all of it would protect from nothing, and networks that translate to IPv4 (DNS64) would have no issuer at all.
pub(super) struct PublicResolver {
    inner: Arc<dyn Resolve>,
}

/// That of the system, as reqwest itself asks it.
pub(super) struct SystemResolver;

/// A host that is at no public address, with one of those it is at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct NotPublic {
    pub(super) host: String,
    pub(super) address: IpAddr,
}

impl PublicResolver {
    pub(super) fn new(inner: Arc<dyn Resolve>) -> Self {
        Self { inner }
    }
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let answer = self.inner.resolve(name);
        Box::pin(async move {
            let (public, refused): (Vec<_>, Vec<_>) = answer.await?.partition(|address| is_public(address.ip()));
            match refused.first() {
                Some(address) if public.is_empty() => Err(NotPublic { host, address: address.ip() }.into()),
                _ => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        // Port 0 is replaced by that of the address.
        Box::pin(async move {
            Ok(Box::new(lookup_host((name.as_str(), 0)).await?.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is at {}", self.host, self.address)
    }
}

impl Error for NotPublic {}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Mutex;

    use super::*;

    /// Answers one list after the other.
    struct Answers(Mutex<Vec<Vec<IpAddr>>>);

    impl Resolve for Answers {
        fn resolve(&self, _: Name) -> Resolving {
            let answer = self.0.lock().unwrap().remove(0);
            let answer = answer.into_iter().map(|address| SocketAddr::new(address, 0));
            Box::pin(async move { Ok(Box::new(answer) as Addrs) })
        }
    }

    fn answering(answers: &[&[&str]]) -> PublicResolver {
        let parsed = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        PublicResolver::new(Arc::new(Answers(Mutex::new(answers.iter().map(parsed).collect()))))
    }

    async fn resolve(resolver: &PublicResolver) -> Result<Vec<String>, NotPublic> {
        match resolver.resolve("rebinding.example".parse().unwrap()).await {
            Ok(addresses) => Ok(addresses.map(|address| address.ip().to_string()).collect()),
            Err(error) => Err(*error.downcast().unwrap()),
        }
    }

    #[tokio::test]
    async fn a_name_that_was_public_before_is_judged_by_what_it_answers_now() {
        for rebound in ["169.254.169.254", "127.0.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe"] {
            let resolver = answering(&[&["198.41.0.4"], &[rebound], &["198.41.0.4"]]);
            assert_eq!(resolve(&resolver).await.unwrap(), ["198.41.0.4"]);
            let refused = resolve(&resolver).await.unwrap_err();
            assert_eq!(refused, NotPublic { host: "rebinding.example".to_owned(), address: rebound.parse().unwrap() });
            assert_eq!(resolve(&resolver).await.unwrap(), ["198.41.0.4"]);
        }
    }

    #[tokio::test]
    async fn of_a_mixed_answer_only_public_addresses_are_left() {
        let resolver = answering(&[&["10.0.0.1", "198.41.0.4", "::1", "2001:500:2::c", "64:ff9b::c629:4"]]);
        assert_eq!(resolve(&resolver).await.unwrap(), ["198.41.0.4", "2001:500:2::c"]);
    }

    #[tokio::test]
    async fn what_the_system_says_of_this_machine_is_refused() {
        let refused = PublicResolver::new(Arc::new(SystemResolver)).resolve("localhost".parse().unwrap()).await.err();
        let refused: Box<NotPublic> = refused.unwrap().downcast().unwrap();
        assert!(refused.address.is_loopback(), "{refused}");
    }
}

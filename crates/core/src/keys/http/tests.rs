//! Against a listener on this machine that nobody may reach.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use reqwest::dns::Addrs;
use reqwest::dns::Name;
use reqwest::dns::Resolving;

use super::*;

const PUBLIC: ClientOptions<'_> = ClientOptions { roots: None, reach: Reach::Public, reuse: Reuse::Never };

/// Answers every name with this machine.
struct ThisMachine;

impl Resolve for ThisMachine {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses = ["127.0.0.1", "::1", "::ffff:127.0.0.1"].map(|address| address.parse::<IpAddr>().unwrap());
        let addresses = addresses.map(|address| SocketAddr::new(address, 0)).into_iter();
        Box::pin(async move { Ok(Box::new(addresses) as Addrs) })
    }
}

/// What is listened to on one port, of both families where the machine has them.
struct Listeners {
    port: u16,
    all: Vec<TcpListener>,
}

impl Listeners {
    fn new() -> Self {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let mut all = vec![first];
        all.extend(TcpListener::bind(("::1", port)));
        for listener in &all {
            listener.set_nonblocking(true).unwrap();
        }
        Self { port, all }
    }

    fn connections(&self) -> usize {
        self.all.iter().filter(|listener| listener.accept().is_ok()).count()
    }
}

async fn fetch(fetch: &HttpFetch, url: &str) -> Result<(), FetchError> {
    fetch.fetch(Request::get(url).body(()).unwrap()).await.map(|_| ())
}

/// With all that the address can be called: no connection arrives, not even one without a request.
#[tokio::test]
async fn nothing_is_sent_to_this_machine_whatever_it_is_called() {
    let listeners = Listeners::new();
    let port = listeners.port;
    let settings = KeySettings::default();
    let public = HttpFetch::to_public_addresses(&settings).unwrap();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "LOCALHOST",
    ] {
        let refused = fetch(&public, &format!("https://{host}:{port}/jwks")).await;
        assert!(matches!(refused, Err(FetchError::NotPublic(_))), "{host}: {refused:?}");
    }
    let rebound = HttpFetch::resolving_by(Arc::new(ThisMachine), &settings, PUBLIC).unwrap();
    let refused = fetch(&rebound, &format!("https://rebinding.example:{port}/jwks")).await;
    assert_eq!(refused, Err(FetchError::NotPublic("rebinding.example is at 127.0.0.1".to_owned())));
    assert_eq!(listeners.connections(), 0);

    // That a connection would have been seen.
    let any = HttpFetch::new(&KeySettings { timeout: Duration::from_millis(500), ..settings }).unwrap();
    assert!(fetch(&any, &format!("https://127.0.0.1:{port}/jwks")).await.is_err());
    assert_eq!(listeners.connections(), 1);
}

#[tokio::test]
async fn public_addresses_are_asked_over_https_alone() {
    let listeners = Listeners::new();
    let public = HttpFetch::to_public_addresses(&KeySettings::default()).unwrap();
    for host in ["localhost", "issuer.example"] {
        let refused = fetch(&public, &format!("http://{host}:{}/jwks", listeners.port)).await;
        assert!(matches!(refused, Err(FetchError::Transport(_))), "{host}: {refused:?}");
    }
    assert_eq!(listeners.connections(), 0);
}

/// The proxies of the environment are read when a client is made, so this is judged in a process of its own.
#[test]
fn no_proxy_comes_between() {
    const IN_A_PROCESS_OF_ITS_OWN: &str = "CLAVIGER_TEST_OF_PROXIES";
    if std::env::var_os(IN_A_PROCESS_OF_ITS_OWN).is_none() {
        let listeners = Listeners::new();
        let proxy = format!("http://127.0.0.1:{}", listeners.port);
        let mut test = Command::new(std::env::current_exe().unwrap());
        test.args(["--exact", "keys::http::tests::no_proxy_comes_between"]).env(IN_A_PROCESS_OF_ITS_OWN, "1");
        test.env("HTTPS_PROXY", &proxy).env("ALL_PROXY", &proxy).env_remove("NO_PROXY").env_remove("no_proxy");
        let output = test.output().unwrap();
        let was_run = String::from_utf8_lossy(&output.stdout).contains("1 passed");
        assert!(was_run && listeners.connections() == 0, "{output:?}");
        return;
    }
    let fetching = async {
        let settings = KeySettings { timeout: Duration::from_millis(500), ..KeySettings::default() };
        let public = HttpFetch::resolving_by(Arc::new(ThisMachine), &settings, PUBLIC).unwrap();
        fetch(&public, "https://rebinding.example/jwks").await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(matches!(runtime.block_on(fetching), Err(FetchError::NotPublic(_))));
}

#[test]
fn only_what_is_to_public_addresses_says_so() {
    let settings = KeySettings::default();
    assert!(HttpFetch::to_public_addresses(&settings).unwrap().keeps_to_public_addresses());
    assert!(!HttpFetch::new(&settings).unwrap().keeps_to_public_addresses());
    assert!(!HttpFetch::from_client(Client::new(), &settings).keeps_to_public_addresses());
}

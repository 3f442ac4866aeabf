//! What an issuer publishes, without a network.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;

use bytes::Bytes;
use claviger_core::Fetch;
use claviger_core::FetchFuture;
use http::HeaderMap;
use http::Request;
use http::Response;
use http::StatusCode;

/// Documents by their addresses; clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Publication {
    pages: Arc<Mutex<Vec<Page>>>,
}

#[derive(Debug)]
struct Page {
    url: String,
    text: String,
    headers: HeaderMap,
    fetches: usize,
}

impl Publication {
    /// Puts `text` in the place of what was at `url`.
    pub(crate) fn put(&self, url: &str, text: impl Into<String>, headers: HeaderMap) {
        let mut pages = self.lock();
        pages.retain(|page| !page.is_at(url));
        pages.push(Page { url: url.to_owned(), text: text.into(), headers, fetches: 0 });
    }

    /// How often what is at `url` was fetched since it was put there.
    pub(crate) fn fetches(&self, url: &str) -> usize {
        self.lock().iter().filter(|page| page.is_at(url)).map(|page| page.fetches).sum()
    }

    fn answer(&self, url: &str) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::new());
        match self.lock().iter_mut().find(|page| page.is_at(url)) {
            Some(page) => {
                page.fetches += 1;
                *answer.headers_mut() = page.headers.clone();
                *answer.body_mut() = page.text.clone().into();
            }
            None => *answer.status_mut() = StatusCode::NOT_FOUND,
        }
        answer
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Page>> {
        self.pages.lock().unwrap()
    }
}

impl Fetch for Publication {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        let answer = self.answer(&request.uri().to_string());
        Box::pin(async { Ok(answer) })
    }
}

impl Page {
    /// A document may state a host in capitals; that address is asked for in small letters.
    fn is_at(&self, url: &str) -> bool {
        self.url.eq_ignore_ascii_case(url)
    }
}

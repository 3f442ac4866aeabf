//! Secrets that nonces are made of.

use std::env;
use std::fmt;
use std::fs;
use std::path::PathBuf;

/// A secret that nonces are made of and known by: 32 bytes at least, shared by all instances of an API.
///
/// It is taken as it is, but for one newline at its end. `Debug` tells where it is from and nothing of it.
///
/// ```
/// use claviger_core::NonceSecret;
///
/// let secret = NonceSecret::new("marker of a secret, and more than 32 bytes");
/// assert!(!format!("{secret:?}").contains("marker"));
/// ```
#[derive(Clone)]
pub struct NonceSecret(From);

#[derive(Clone)]
enum From {
    Memory(Box<[u8]>),
    File(PathBuf),
    Environment(String),
}

impl NonceSecret {
    /// These bytes.
    #[must_use]
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self(From::Memory(secret.into().into()))
    }

    /// What stands in this file when the configuration is built.
    #[must_use]
    pub fn from_file(path: impl Into<PathBuf>) -> Self {
        Self(From::File(path.into()))
    }

    /// What this environment variable holds when the configuration is built.
    #[must_use]
    pub fn from_env(name: impl Into<String>) -> Self {
        Self(From::Environment(name.into()))
    }

    /// # Errors
    ///
    /// What is wrong, in words that tell nothing of it.
    pub(super) fn read(&self) -> Result<Box<[u8]>, String> {
        let mut secret = match &self.0 {
            From::Memory(secret) => secret.to_vec(),
            From::File(path) => fs::read(path).map_err(|error| format!("cannot be read: {error}"))?,
            From::Environment(name) => match env::var_os(name) {
                Some(value) => value.into_encoded_bytes(),
                None => return Err("names an environment variable that is not set".to_owned()),
            },
        };
        if secret.last() == Some(&b'\n') {
            secret.pop();
        }
        if secret.len() < MIN_BYTES { Err("must have at least 32 bytes".to_owned()) } else { Ok(secret.into()) }
    }
}

impl fmt::Debug for NonceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            From::Memory(_) => f.write_str("NonceSecret(..)"),
            From::File(path) => write!(f, "NonceSecret(file {})", path.display()),
            From::Environment(name) => write!(f, "NonceSecret(env {name})"),
        }
    }
}

const MIN_BYTES: usize = 32;

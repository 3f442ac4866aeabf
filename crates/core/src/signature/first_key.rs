//! A race inside of OpenSSL.

use std::sync::Once;

use openssl::pkey::PKey;

/// To be called before OpenSSL reads a key. While OpenSSL 3.0 reads the first key of the process, RSA keys that other
/// threads read for PSS are no keys to it; so the first one is read here, alone.
pub(crate) fn is_read() {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| {
        let _ = PKey::public_key_from_pem(RFC_8410_KEY);
    });
}

/// RFC 8410, section 10.1.
const RFC_8410_KEY: &[u8] = b"-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";

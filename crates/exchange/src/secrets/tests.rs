//! What is taken out of a text, and what stays.

use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

const SECRET: &str = "s3cr/t+with ümlaut%and=more";

fn of(secret: &str) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add(secret);
    secrets
}

fn percent_encoded(text: &str, is_left: fn(u8) -> bool) -> String {
    text.bytes().map(|byte| if is_left(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Every part of `text` that is as long as it has to be to count.
#[track_caller]
fn assert_no_part(text: &str, secret: &str) {
    let told: Vec<char> = text.chars().collect();
    let secret: Vec<char> = secret.chars().collect();
    for part in secret.windows(8) {
        assert!(!told.windows(8).any(|window| window == part), "{part:?} is in {text}");
    }
}

#[test]
fn a_secret_is_taken_out_in_every_form() {
    let plain: fn(u8) -> bool = |byte| byte.is_ascii_alphanumeric();
    let form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let pair = format!("reports:{form}");
    let forms = [
        SECRET.to_owned(),
        form,
        percent_encoded(SECRET, plain),
        percent_encoded(SECRET, plain).to_lowercase(),
        percent_encoded(SECRET, |byte| byte.is_ascii_alphanumeric() || b"/+=".contains(&byte)),
        percent_encoded(&percent_encoded(SECRET, plain), plain),
        STANDARD.encode(SECRET),
        URL_SAFE.encode(SECRET),
        percent_encoded(&STANDARD.encode(SECRET), plain),
    ];
    for form in forms {
        let told = of(SECRET).redact(&format!("bad credentials \"{form}\" for reports"));
        assert!(told.starts_with("bad credentials \"") && told.ends_with("\" for reports"), "{form}: {told}");
        assert!(told.contains(REDACTED), "{form}: {told}");
        assert_no_part(&told, &form);
    }
    // Base64 of more than the secret: what is before and behind it stays.
    let form = STANDARD.encode(format!("client_secret={SECRET}&a=b"));
    assert_eq!(of(SECRET).redact(&form), "Y2xpZW50X3NlY3JldD1[redacted]JmE9Yg==");
    let within = URL_SAFE_NO_PAD.encode(format!("x{SECRET}"));
    assert_eq!(of(SECRET).redact(&within), "eH[redacted]U", "the last one holds bits of what would follow");
    let mut secrets = of(&pair[8..]);
    secrets.add_base64(&pair);
    let basic = STANDARD.encode(&pair);
    assert_eq!(secrets.redact(&format!("Basic {basic}.")), "Basic [redacted].");
    // The pair is secret as base64 alone: our identifier in clear is nobody's secret.
    assert_eq!(secrets.redact("the client reports: unknown"), "the client reports: unknown");
}

#[test]
fn a_part_of_a_secret_is_taken_out_too() {
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
    for part in [&token[..8], &token[..20], &token[5..30], &token[30..]] {
        assert_eq!(of(token).redact(&format!("the token <{part}> is bad")), "the token <[redacted]> is bad", "{part}");
    }
    assert_eq!(of(token).redact("the token eyJhbGc is bad"), "the token eyJhbGc is bad", "fewer than 8 are no part");
    assert_eq!(of("twelve-chars").redact("sent twelve"), "sent [redacted]", "half of it is a part of a short one");
    assert_eq!(
        of("abc").redact("abcd abc=1 (abc)"),
        "abcd [redacted]=1 ([redacted])",
        "one of three is a word of its own"
    );
    assert_eq!(of("short").redact("shor and short"), "shor and [redacted]", "a very short one counts as a whole");
}

#[test]
fn a_cut_does_not_leave_a_secret_behind() {
    let token = "t".repeat(200) + "-of-the-caller";
    let told = of(&token).redact(&format!("{}{token}", "x".repeat(MOST_CHARS - 20)));
    assert!(told.ends_with("x[redacted]"), "{told}");
}

/// Where the secret is a word of a registered code, that word taken out would say what the secret is.
#[test]
fn a_registered_code_stays_whatever_the_secret_is() {
    let secrets = of("grant");
    for code in ["invalid_grant", "unsupported_grant_type", "access_denied"] {
        assert_eq!(secrets.redact_code(code), code);
    }
    assert_eq!(secrets.redact("invalid_grant: grant expired"), "invalid_grant: [redacted] expired");
    // Another code hides the secret or is shown, but shows no gap of its length.
    assert_eq!(secrets.redact_code("vault_grant_missing"), REDACTED);
    assert_eq!(secrets.redact_code("mfa_required"), "mfa_required");
    assert_eq!(of("use_dpop_nonce").redact_code("use_dpop_nonce"), "use_dpop_nonce");
}

#[test]
fn a_text_without_a_secret_stays_as_it_is() {
    for text in ["", "no", "100% wrong", "a%zz%2", "ümläut", "the quick brown fox jumps over the lazy dog"] {
        assert_eq!(of(SECRET).redact(text), text);
        assert_eq!(of("").redact(text), text);
        assert_eq!(Secrets::default().redact(text), text);
    }
}

#[test]
fn characters_of_several_bytes_are_hidden_whole() {
    assert_eq!(of("ää").redact("xääy"), "x[redacted]y");
    assert_eq!(of("\u{1f511}\u{1f511}").redact("\u{1f511}\u{1f511}z"), "[redacted]z");
}

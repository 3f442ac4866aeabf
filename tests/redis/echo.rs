//! Servers that repeat what was sent to them: the password stands in no error and no log.

use std::time::Duration;

use claviger::ProofUse;
use claviger::ReplayStore;
use claviger::redis::Redis;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use crate::api::Api;
use crate::listen::Log;

/// Answers a command, given as its words.
type Answer = fn(&[String]) -> String;

/// A server that answers like this; its URL has a user and a password.
async fn serve(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(converse(client, answer));
        }
    });
    format!("redis://user-marker:pass-marker-0123456789@127.0.0.1:{port}")
}

async fn converse(mut client: TcpStream, answer: Answer) {
    let mut pending = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = client.read(&mut buffer).await {
        pending.extend_from_slice(&buffer[..read]);
        while let Some((words, length)) = command(&pending) {
            pending.drain(..length);
            if client.write_all(answer(&words).as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

/// The first whole command, and its length: an array of bulk strings.
fn command(bytes: &[u8]) -> Option<(Vec<String>, usize)> {
    let line = |from: usize| {
        let rest = bytes.get(from..)?;
        let length = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let number: usize = str::from_utf8(rest.get(1..length)?).unwrap().parse().unwrap();
        Some((number, from + length + 2))
    };
    let (count, mut at) = line(0)?;
    let mut words = Vec::new();
    for _ in 0..count {
        let (length, from) = line(at)?;
        words.push(String::from_utf8_lossy(bytes.get(from..from + length)?).into_owned());
        at = from + length + 2;
    }
    Some((words, at)).filter(|_| at <= bytes.len())
}

/// As Redis has it before version 6.
fn unknown(words: &[String]) -> String {
    let arguments: String = words[1..].iter().map(|word| format!("`{word}`, ")).collect();
    format!("-ERR unknown command `{}`, with args beginning with: {arguments}\r\n", words[0])
}

/// All is well but the one use of a proof.
fn only_to(words: &[String], refused: &str, refusal: Answer) -> String {
    match words[0].as_str() {
        "SET" if refused == "SET" => refusal(words),
        "GET" => "$-1\r\n".to_owned(),
        _ => "+OK\r\n".to_owned(),
    }
}

#[tokio::test]
async fn what_a_server_repeats_stands_in_no_error_and_no_log() {
    let answers: [Answer; 8] = [
        unknown,
        |words| unknown(words).replace('`', "'"),
        // Cut in the middle of the password.
        |words| unknown(words).chars().take(100).collect::<String>() + "\r\n",
        |words| format!("-WRONGPASS {}\r\n", words.join(" ")),
        |words| format!("-{}\r\n", words.last().unwrap().to_uppercase()),
        |words| format!("+{}\r\n", words.join(" ")),
        |words| format!("!{}\r\n", words.join(" ")),
        |words| only_to(words, "SET", |_| "-ERR I was sent AUTH user-marker pass-marker-0123456789\r\n".to_owned()),
    ];
    let (log, api) = (Log::listen(), Api::new());
    for (at, answer) in answers.into_iter().enumerate() {
        let url = serve(answer).await;
        for parameters in ["", "/7", "?protocol=resp3", "?protocol=resp2"] {
            let redis = Redis::open(&format!("{url}{parameters}")).unwrap().with_deadline(Duration::from_secs(10));
            log.text();
            api.over(&redis).show(&api.proof().sign()).await.assert_unavailable();
            let proof = ProofUse::new(&[7; 32], "jti", Duration::from_secs(1));
            let error = redis.replay_store().record(&proof).await.unwrap_err();
            let all = format!("{error} {error:?} {redis:?} {}", log.text());
            assert!(!all.to_lowercase().contains("marker"), "{at} {parameters}: {all}");
            assert!(all.contains("Redis"), "{at}: {all}");
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_hello_is_told_as_one() {
    let url = serve(|words| if words[0] == "HELLO" { unknown(words) } else { "+OK\r\n".to_owned() }).await;
    let redis = Redis::open(&format!("{url}?protocol=resp3")).unwrap().with_deadline(Duration::from_secs(10));
    let proof = ProofUse::new(&[7; 32], "jti", Duration::from_secs(1));
    let error = redis.replay_store().record(&proof).await.unwrap_err().to_string();
    assert!(error.contains("`HELLO`") || error.contains("resp3"), "{error}");
}

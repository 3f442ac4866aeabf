//! The proofs that RFC 9449 prints, at their own time. Their access token is opaque, so they are judged without one.

use claviger_core::TargetUri;
use claviger_core::error::Reason;
use claviger_core::vectors::ProofJudge;
use serde_json::Value;

use crate::source::Vectors;
use crate::source::list;
use crate::source::text;

#[test]
fn the_proofs_of_rfc_9449_are_good_for_their_requests_alone() {
    let Some(vectors) = Vectors::open() else { return };
    let file = vectors.json("rfc/rfc9449_dpop.json");
    let (mut good, mut bad, mut about_fields) = (0, 0, Vec::new());
    for case in list(&file["tests"]) {
        let id = text(&case["id"]);
        let authorization = case["request"]["authorization"].as_str().unwrap_or("DPoP");
        let Some(proof) = case["dpop"].as_str().filter(|_| !authorization.starts_with("Bearer")) else {
            about_fields.push(id);
            continue;
        };
        match (text(&case["result"]), judge(case, proof)) {
            ("valid", judged) => {
                assert_eq!(judged.as_deref(), Ok(text(&file["jkt"])), "{id}");
                good += 1;
            }
            (_, judged) => {
                assert_eq!(judged, Err(reason(id)), "{id}");
                bad += 1;
            }
        }
    }
    // These are about the fields around a proof: rows of the tests of schemes and proofs.
    assert_eq!(about_fields, ["rfc9449-bearer-downgrade", "rfc9449-two-headers", "rfc9449-no-proof"]);
    assert_eq!((good, bad), (7, 15));
}

fn judge(case: &Value, proof: &str) -> Result<String, Reason> {
    let request = &case["request"];
    let url = text(&request["url"]).split('?').next().unwrap();
    let path_at = url.find("://").map(|at| at + 3).and_then(|at| Some(at + url[at..].find('/')?)).unwrap();
    let target = TargetUri::new(&url[..path_at], &url[path_at..]);
    let token = case["access_token"].as_str().unwrap_or("none");
    let now = case["clock"].as_f64().unwrap();
    let judged = ProofJudge::new().judge(proof, text(&request["method"]), &target, token, now);
    judged.map(|proof| proof.thumbprint().to_owned())
}

fn reason(id: &str) -> Reason {
    match id {
        // Made for the token endpoint, without `ath`.
        "rfc9449-proof-1" | "rfc9449-proof-2" | "rfc9449-padded" | "rfc9449-combined-headers" => Reason::ProofMalformed,
        "rfc9449-expired" | "rfc9449-future" => Reason::ProofExpired,
        _ => Reason::ProofMismatch,
    }
}

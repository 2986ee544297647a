//! Checks of the process and of its database.

use actix_web::{HttpRequest, HttpResponse, http::header::ContentType};

use crate::{openapi::CommonProblems, problem::Answer, state::Http};

/// The header with which `tollgate doctor` asks how its request arrives.
pub const DOCTOR: &str = "tollgate-doctor";
/// The header of the answer: what is known of the client, by the proxy that the request comes through.
pub const DOCTORS_CLIENT: &str = "tollgate-client";

/// Whether the process runs.
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()),
    responses((status = 200, description = "It does", body = String, content_type = "text/plain", example = "ok")))]
pub(super) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body("ok")
}

/// Whether the process can do its work: the database answers and has the right schema.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()),
    responses((status = 200, description = "It can", body = String, content_type = "text/plain", example = "ready"), CommonProblems))]
pub(super) async fn readyz(http: Http, req: HttpRequest) -> Answer {
    http.probes().ready.get(&*http.clock, http.store.ready()).await?;
    let mut answer = HttpResponse::Ok();
    if let (true, Some(peer)) = (req.headers().contains_key(DOCTOR), req.peer_addr()) {
        let peer = peer.ip().to_canonical();
        answer.insert_header((DOCTORS_CLIENT, http.trusted_proxies.told(peer, req.headers())));
    }
    Ok(answer.content_type(ContentType::plaintext()).body("ready"))
}

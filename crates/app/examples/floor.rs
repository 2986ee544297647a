//! What an access check and a page could cost at least, for `scripts/bench` to compare with: the same server
//! answering a constant, and answering after the same one statement, with nothing else around it.
//!
//! `floor ADDRESS DATABASE_URL HANDLE SLUG SESSION FILE…` answers `POST /constant`, `POST /statement`, and for each
//! file `GET /page/{its number}` with its content, after the statement of a page.

use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, http::header::ContentType, web};
use anyhow::Context;
use tollgate_domain::{
    access::{
        ResourceType,
        ports::{AccessReads, ResourceQuery},
    },
    token::Token,
};
use tollgate_persistence::DatabaseUrl;

// The same allocator as the program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ANSWER: &str = r#"{"hasAccess":true,"reason":"entitled"}"#;

struct Floor {
    access: Arc<dyn AccessReads>,
    query: ResourceQuery,
    files: Vec<web::Bytes>,
}

fn answer() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(ANSWER)
}

async fn constant() -> HttpResponse {
    answer()
}

async fn statement(floor: web::Data<Floor>) -> HttpResponse {
    match floor.access.access(ResourceType::Page, &floor.query).await {
        Ok(Some(access)) if access.visitor_id.is_some() => answer(),
        _ => HttpResponse::InternalServerError().finish(),
    }
}

async fn page(floor: web::Data<Floor>, number: web::Path<usize>) -> HttpResponse {
    let page = floor.access.page_with_access(&floor.query).await;
    match (page, floor.files.get(*number)) {
        (Ok(Some(_)), Some(file)) => {
            HttpResponse::Ok().content_type(ContentType::html()).body(file.clone())
        }
        _ => HttpResponse::InternalServerError().finish(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a program of its own, with no clock port")]
async fn run() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name| arguments.next().with_context(|| format!("{name} is missing"));
    let address = next("ADDRESS")?;
    let database: DatabaseUrl = next("DATABASE_URL")?.parse().map_err(anyhow::Error::msg)?;
    let stores = tollgate_persistence::open(&database).await?;
    let floor = web::Data::new(Floor {
        access: stores.access.clone(),
        query: ResourceQuery {
            handle: next("HANDLE")?.parse()?,
            slug: next("SLUG")?.parse()?,
            session: Some(next("SESSION")?.parse::<Token>()?.hash()),
            now: tollgate_domain::Timestamp::now(),
        },
        files: arguments
            .map(std::fs::read)
            .map(|file| Ok(file?.into()))
            .collect::<anyhow::Result<_>>()?,
    });
    HttpServer::new(move || {
        App::new()
            .app_data(floor.clone())
            .route("/constant", web::post().to(constant))
            .route("/statement", web::post().to(statement))
            .route("/page/{number}", web::get().to(page))
    })
    .bind(address)?
    .run()
    .await?;
    Ok(())
}

fn main() -> anyhow::Result<()> {
    // As in the program itself: workers of the web server beside a small runtime.
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(run())
}

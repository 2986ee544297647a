//! The metrics on a listener of their own.

use actix_web::{
    App,
    http::{Method, header},
    test::{self, TestRequest},
};
use tollgate_http::configure_metrics;

use crate::support::TestApp;

#[actix_web::test]
async fn listener_of_the_metrics_answers_reads_and_says_what_it_takes() {
    let app = TestApp::new();
    let http = app.http();
    let alone = test::init_service(App::new().configure(|app| configure_metrics(app, &http))).await;
    for (method, path, status, allow) in [
        (Method::GET, "/metrics", 200, ""),
        (Method::HEAD, "/metrics", 200, ""),
        (Method::POST, "/metrics", 405, "GET, HEAD"),
        (Method::DELETE, "/metrics", 405, "GET, HEAD"),
        (Method::GET, "/", 404, ""),
        (Method::GET, "/healthz", 404, ""),
    ] {
        let request = TestRequest::with_uri(path).method(method.clone()).to_request();
        let answer = test::call_service(&alone, request).await;
        let allowed = answer.headers().get(header::ALLOW);
        let allowed = allowed.map_or("", |value| value.to_str().unwrap());
        assert_eq!((answer.status().as_u16(), allowed), (status, allow), "{method} {path}");
    }
}

use std::cell::Cell;

use actix_web::{dev::Payload, error::PayloadError, http::header};

use super::*;

fn upload(parts: impl Stream<Item = Result<Bytes, PayloadError>> + 'static) -> UploadBody {
    let receiving = Receiving::new(usize::MAX);
    let source = Source::new(Payload::Stream { payload: Box::pin(parts) }, receiving);
    UploadBody { headers: HeaderMap::new(), source }
}

#[actix_web::test]
async fn refused_upload_that_has_not_begun_is_not_waited_for() {
    let refused = upload(stream::pending());
    assert!(timeout(DRAINED_FOR / 2, refused.drain()).await.is_ok());
}

#[actix_web::test]
async fn refused_upload_that_is_on_its_way_is_read() {
    let read = Rc::new(Cell::new(0));
    let counted = read.clone();
    let parts = stream::iter(1..=100).map(move |number| {
        counted.set(number);
        Ok(Bytes::from_static(b"part"))
    });
    upload(parts).drain().await;
    assert_eq!(read.get(), 100);
}

#[actix_web::test]
async fn no_more_of_a_refused_upload_is_read_than_its_share() {
    let part = Bytes::from(vec![7; 1 << 20]);
    let read = Rc::new(Cell::new(0_u64));
    let counted = read.clone();
    let parts = stream::repeat_with(move || {
        counted.set(counted.get() + 1);
        Ok(part.clone())
    });
    upload(parts).drain().await;
    assert_eq!(read.get() << 20, DRAINED_BYTES + (1 << 20));
}

#[actix_web::test]
async fn texts_that_are_kept_take_of_the_memory_of_all_bodies() {
    let receiving = Receiving::with(10, 100);
    let form = || {
        let text = "x".repeat(60);
        let head = "--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n";
        let bytes = Bytes::from(format!("{head}{text}\r\n--b--\r\n"));
        let kind = header::HeaderValue::from_static("multipart/form-data; boundary=b");
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind);
        UploadBody { headers, source: Source::new(Payload::from(bytes), receiving.clone()) }
    };
    let (first, second) = (form(), form());
    for body in [&first, &second] {
        let (texts, has_file) = body.texts(1_000).await.unwrap();
        assert_eq!((texts[0].1.len(), has_file), (60, false));
    }
    assert!(matches!(first.source.next().await, Some(Err(_))), "the oldest has to make room");
    assert!(second.source.next().await.is_none());
}

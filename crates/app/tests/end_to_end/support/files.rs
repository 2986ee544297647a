//! Files, as creators upload them and visitors download them.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Call, Reply, Seller, Server};

/// An upload: its text parts in order, and its content.
pub(crate) struct Upload<'a> {
    pub(crate) texts: Vec<(&'a str, &'a str)>,
    pub(crate) file_name: &'a str,
    pub(crate) content_type: &'a str,
    pub(crate) content: Vec<u8>,
}

/// A boundary that occurs in no test content.
const BOUNDARY: &str = "a-boundary-of-a-test";

impl<'a> Upload<'a> {
    /// Creates the upload of a public file.
    pub(crate) fn public(slug: &'a str, content: &[u8]) -> Self {
        Self::with(&[("slug", slug), ("access", "PUBLIC")], content)
    }

    /// Creates the upload of a file with an allowlist.
    pub(crate) fn by_list(slug: &'a str, content: &[u8]) -> Self {
        Self::with(&[("slug", slug), ("access", "ALLOWLIST")], content)
    }

    /// Creates the upload of a file that belongs to a page.
    pub(crate) fn on(page: &'a str, slug: &'a str, content: &[u8]) -> Self {
        Self::with(&[("slug", slug), ("access", "PAGE"), ("pageSlug", page)], content)
    }

    pub(crate) fn with(texts: &[(&'a str, &'a str)], content: &[u8]) -> Self {
        let (file_name, content_type) = ("A file.txt", "text/plain");
        Self { texts: texts.to_vec(), file_name, content_type, content: content.to_vec() }
    }

    /// Returns the body as it is sent.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, text) in &self.texts {
            let head =
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(format!("{head}{text}\r\n").as_bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: {}\r\n\r\n",
            self.file_name, self.content_type
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&self.content);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        body
    }
}

/// Returns the content type of [`Upload::body`].
pub(crate) fn form_data() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// Returns the SHA-256 hash of a content, in hexadecimal.
pub(crate) fn sha256(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

impl Server {
    /// Uploads a file to Ada's handle.
    pub(crate) async fn try_upload(&self, seller: &Seller, upload: &Upload<'_>) -> Reply {
        let call = self.post("/v2/handles/ada/files").bearer(&seller.token);
        call.body(&form_data(), upload.body()).send().await
    }

    pub(crate) async fn upload(&self, seller: &Seller, upload: &Upload<'_>) -> Value {
        let reply = self.try_upload(seller, upload).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.ok()
    }

    /// Creates a request about one of Ada's files, as its creator.
    pub(crate) fn about_file(&self, seller: &Seller, method: &str, rest: &str) -> Call {
        self.call(method, &format!("/v2/handles/ada/files/{rest}")).bearer(&seller.token)
    }

    /// Creates a request for the content of one of Ada's files.
    pub(crate) fn file(&self, slug: &str) -> Call {
        self.get(&format!("/v2/public/files/ada/{slug}"))
    }

    /// Returns the reason of an access check of one of Ada's files, after checking that it fits the decision.
    pub(crate) async fn file_access(&self, cookie: &str, slug: &str) -> String {
        let path = format!("/v2/public/files/ada/{slug}/access-check");
        let decision = self.post(&path).cookie(cookie).send().await.ok();
        let reason = decision["reason"].as_str().unwrap().to_owned();
        let open = matches!(reason.as_str(), "public" | "entitled");
        assert_eq!(decision["hasAccess"], open, "{decision}");
        reason
    }

    /// Returns what the directory of files contains.
    pub(crate) fn objects(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.place.path("var/files")) else {
            return Vec::new();
        };
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

//! The files of a handle that a text shows or links to.

use tollgate_domain::{creators::Handle, files::File, id::HandleId};

use crate::{
    links::{file_page, file_path},
    markdown::OwnFiles,
    problem::Problem,
    state::Http,
};

/// Reads the files of a handle that a text calls by these names; `place` makes their addresses.
pub(crate) async fn own_files(
    http: &Http,
    handle: HandleId,
    names: &[String],
    place: impl Fn(&File) -> String,
) -> Result<OwnFiles, Problem> {
    let files = http.use_cases.downloads.named(handle, names).await?;
    Ok(OwnFiles::new(files.into_iter().map(|file| {
        let address = place(&file);
        (file, address)
    })))
}

/// Reads the files for a text that may be shown anywhere: their addresses are whole.
pub(crate) async fn own_files_anywhere(
    http: &Http,
    handle: &Handle,
    names: &[String],
) -> Result<OwnFiles, Problem> {
    own_files(http, handle.id, names, |file| whole_address(http, handle, file)).await
}

/// Returns the address of a file for a text that may be shown anywhere.
pub(crate) fn whole_address(http: &Http, handle: &Handle, file: &File) -> String {
    format!("{}{}", http.installation.handle_origin(&handle.name), address(handle, file))
}

/// Returns the path of a file for a text on the handle's own host.
pub(crate) fn address(handle: &Handle, file: &File) -> String {
    if OwnFiles::is_shown(file) {
        file_path(&handle.name, &file.slug)
    } else {
        file_page(&file.slug)
    }
}

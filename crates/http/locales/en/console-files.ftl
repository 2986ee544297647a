# The list
console-files-empty = Sell files with a page, give them to a list of people, or show pictures inside your pages. Nobody gets a file before you say who may have it.
console-files-upload = Upload files
console-files-upload-button = Upload
console-files-name = Name
console-files-size = Size
console-files-kind = Type
console-files-access = Who may have it
console-files-uploaded = Uploaded
console-files-with-page = With the page
console-files-page-deleted = Only you (its page was deleted)
console-files-edit-list = Edit the list
console-files-notice-uploaded = Uploaded: { $what }
console-files-notice-deleted = { $what } is deleted.
console-files-notice-gone = There is no { $what } at this address any more.

# Uploading
console-files-field-access = Who may have it
console-files-field-page = Page
console-files-field-new-slug = Name in the address (optional)
console-files-field-file = Files
console-files-access-page = Everyone who may see a page
console-files-access-page-hint = The file has the same gate as its page. If the page is paid, its buyers get the file.
console-files-access-list = People on a list
console-files-access-list-hint = Only the e-mail addresses that you put on its list, after they sign in. You write the list next.
console-files-access-public = Everybody
console-files-access-public-hint = Anyone can download it without signing in.
console-files-page-hint = The page that the file belongs to.
console-files-no-page = Choose a page
console-files-new-slug-hint = It is made from the file’s name if you leave it empty. Lower-case letters, digits and hyphens. Several files get numbers.
console-files-file-hint = You can choose several. At most { $size } each.
console-files-progress = Upload
console-files-storing = Storing…
console-files-stop = Stop
console-files-stopped = Stopped. Files that had arrived before are kept; reload this page to see them.
console-files-error-access = Please choose who may have it.
console-files-error-no-file = Please choose at least one file.
console-files-error-too-large = “{ $name }” is larger than { $size }. It was not stored, and neither was any file after it.
console-files-error-too-large-here = “{ $name }” is larger than { $size }. Nothing was uploaded; please choose without it.
console-files-error-too-large-together = This is too much at once. A file may have at most { $size }.
console-files-error-too-many = { $count ->
    [one] Please upload at most one file at once. The others were not stored.
   *[other] Please upload at most { $count } files at once. The others were not stored.
}
console-files-error-cut-off = The upload was cut off. Please try it again.

# A file
console-files-address = Address to share
console-files-inside = Shows it inside a page
console-files-orphan = The page of this file was deleted, so only you can have the file. Choose another page, or other people.
console-files-download = Download
console-files-delete-button = Delete
console-files-change = Change
console-files-field-name = Name
console-files-field-slug = Name in the address
console-files-name-hint = The name that it is saved under.
console-files-slug-hint = Lower-case letters, digits and hyphens. Addresses that you have given away stop working when you change it.
console-files-delete-heading = Delete “{ $name }”?
console-files-delete-effect = Nobody can download it from now on. It cannot be brought back.
console-files-delete-effect-sold = Nobody can download it from now on, not even people who have paid. It cannot be brought back.
console-files-delete-effect-shown = Pages that show it will show only its description.
console-files-delete-effect-list = Its list of people is deleted, too.

# The list of people
console-files-list-title = Who may have “{ $name }”
console-files-list-text = People on this list sign in with their address and download the file. We do not mail them; send them the address of the file yourself.
console-files-back = Back to the file
console-files-list-unused = This list is not in use now, since the file is set to other people.
console-files-change-access = Change who may have it
console-files-list-empty = Nobody is on the list yet. Add the first address above.
console-files-field-email = E-mail address
console-files-add = Add
console-files-add-many = Add many addresses
console-files-added = Added
console-files-remove = Remove
console-files-remove-heading = Take { $email } off the list?
console-files-remove-effect = { $email } then cannot download “{ $name }” any more, from now on. You can put the address on the list again.
console-files-remove-silent = Nobody is told by mail.
console-files-remove-button = Take it off the list
console-files-notice-allowed = { $what } is on the list.
console-files-notice-allowed-already = { $what } was on the list already.
console-files-notice-disallowed = { $what } is not on the list any more.
console-files-notice-not-listed = { $what } was not on the list, so nothing changed.
console-files-notice-added = Addresses added: { $what }
console-files-added-and-known = { $count ->
    [one] { $added }. One was on the list already.
   *[other] { $added }. { $count } were on the list already.
}

# Many addresses
console-files-many-for = For the file
console-files-field-addresses = Addresses
console-files-field-table = Or a table (CSV)
console-files-addresses-hint = Paste them, one a line or with commas between them. You see what is found before anything is added.
console-files-table-hint = A text file with one address in each line; a first line with headings is skipped. At most { $size }.
console-files-check = Check them
console-files-error-both = Please paste addresses or choose a file, not both.
console-files-error-none = There is no address in this.
console-files-error-no-table = This file is not a text. In your spreadsheet, save it as CSV, then choose that file.
console-files-error-list-too-large = This is too large. At most { $size } are possible at once; please split it.
console-files-error-list-too-long = { $count ->
    [one] This address is too long for one step.
   *[other] These { $count } addresses are too long for one step. Please split the list and add one part after the other.
}
console-files-many-heading = { $count ->
    [0] Nothing to add
    [one] Add one address?
   *[other] Add { $count } addresses?
}
console-files-many-new = { $count } new
console-files-many-known = { $count } known
console-files-many-twice = { $count } listed twice
console-files-many-invalid = { $count ->
    [one] 1 invalid (line { $lines })
   *[other] { $count } invalid (lines { $lines })
}
console-files-many-examples = Found, for example:
console-files-many-headings = The first line was taken for headings and skipped:
console-files-many-left-out = Left out, since they are not addresses
console-files-many-beside = Left out beside the first address of a line
console-files-many-beside-why = Other columns of a table may have the addresses of other people. To add these, too, paste them alone.
console-files-line = Line
console-files-line-text = Text
console-files-many-further = { $count ->
    [one] One more line is not shown.
   *[other] { $count } more lines are not shown.
}
console-files-many-button = { $count ->
    [one] Add one address
   *[other] Add { $count } addresses
}
console-files-many-again = Change the list
console-files-many-another = Read another list
console-files-many-to-list = To the list

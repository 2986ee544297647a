# The list
console-pages-new = Write a page
console-pages-tabs = Pages by status
console-pages-all = All
console-pages-drafts = Drafts
console-pages-page = Page
console-pages-access = Access
console-pages-price = Price
console-pages-status = Status
console-pages-sales = Purchases
console-pages-changed = Changed
console-pages-free = Free
console-pages-status-draft = Draft
console-pages-status-published = Published
console-pages-status-archived = Archived
console-pages-mark-draft = (draft)
console-pages-mark-archived = (archived)
console-pages-empty = A page has a teaser that everybody sees, and a text behind the gate. You decide who gets in: everybody, everybody who signs in, or those who pay.
console-pages-empty-part = There are no pages with this status.

# The editor
console-pages-field-title = Title
console-pages-field-slug = Address (optional)
console-pages-field-teaser = Teaser (optional)
console-pages-field-body = Text
console-pages-field-mode = Who may read the text?
console-pages-field-price = Price
console-pages-field-currency = Currency
console-pages-slug-hint = Made from the title if you leave it empty. It stays the same later. Lower-case letters, digits and hyphens.
console-pages-teaser-hint = Everybody sees it, in front of the gate.
console-pages-body-hint = Behind the gate. Markdown works: **bold**, _italic_, ## heading, - list, [link](https://example.com). Pictures from other websites are shown as links, and of a file that is not here only the description.
console-pages-length = { $now } of { $most } characters
console-pages-size = { $now } of { $most } KiB
console-pages-length-limit = At most { $most } characters
console-pages-size-limit = At most { $most } KiB
console-pages-length-over = Too long.
console-pages-mode-public = Public
console-pages-mode-public-hint = Everybody reads all of it, without signing in.
console-pages-mode-login = Free with sign-in
console-pages-mode-login-hint = Visitors sign in with their e-mail address and pay nothing.
console-pages-mode-paid = Paid
console-pages-mode-paid-hint = Visitors see the teaser and pay once for the text. It stays open to them.
console-pages-price-hint = For example { $sample }.
console-pages-price-limits = { $count ->
    [0] The least amount is { $what }, without decimals.
    [3] The least amount is { $what }, with at most 3 decimals, of which the third is always 0.
   *[other] The least amount is { $what }, with at most { $count } decimals.
}
console-pages-price-told = Buyers pay { $price }. About { $net } arrives at your account.
console-pages-price-fee = The platform keeps { $fee }.
console-pages-price-stripe = Stripe’s own fees are not included here.
console-pages-price-earlier = A new price is for new buyers. Earlier buyers keep access.
console-pages-currencies-common = Often used
console-pages-currencies-others = All others
console-pages-warning-stripe = Buyers cannot pay at the moment, because your Stripe account is not ready. You can publish anyway: until it is ready, the page says that you cannot take payments.
console-pages-warning-link = Connect Stripe (opens in a new tab)
console-pages-warning-revenue = See Revenue (opens in a new tab)
console-pages-warning-unwritten = The text behind the gate is empty: buyers get nothing for their money but the files that belong to this page.
console-pages-save = Save
console-pages-save-draft = Save draft
console-pages-publish = Publish
console-pages-archive = Archive this page
console-pages-delete = Delete this page
console-pages-saved = Saved
console-pages-view-stranger = See it as a stranger (opens in a new tab)
console-pages-view-buyer = See it as a buyer (opens in a new tab)
console-pages-modes = Write or preview
console-pages-write = Write
console-pages-preview = Preview
console-pages-preview-text = This shows what is in the form, saved or not.
console-pages-preview-gate = The gate: what follows is seen only by those who may read the text
console-pages-toolbar = Formatting
console-pages-tool-bold = Bold
console-pages-tool-italic = Italic
console-pages-tool-heading = Heading
console-pages-tool-link = Link
console-pages-tool-list = List
console-pages-tool-numbers = Numbers
console-pages-tool-quote = Quote
console-pages-tool-code = Code

# Two who edit the same page
console-pages-conflict = This page was changed in the meantime
console-pages-conflict-drop = Drop what I typed and open the stored page

# Pictures
console-pages-field-alt = What it shows (optional)
console-pages-field-file = File
console-pages-alt-hint = One sentence for people who do not see the picture.
console-pages-picture-link = Add a picture, sound or video (opens in a new tab)
console-pages-picture-title = Add a picture, sound or video
console-pages-picture-add = Add a picture, sound or video
console-pages-picture-public = Everybody who knows its address can open it, also without paying.
console-pages-picture-hint = JPEG, PNG, GIF, WebP, AVIF, MP3, MP4 and the like, at most { $size }. Everybody who knows its address can open it, also without paying.
console-pages-picture-button = Upload
console-pages-picture-added = It is uploaded
console-pages-picture-another = Add another one
console-pages-picture-copy = Markdown for your page
console-pages-picture-copy-hint = Copy this line and paste it into the text of your page, where it is to be shown.
console-pages-picture-busy = Uploading…
console-pages-picture-done = Uploaded, and put into the text. Describe between the brackets what it shows.
console-pages-picture-failed = This did not work. Please try again.

# As others see it
console-pages-view-title-stranger = As a stranger sees it: { $title }
console-pages-view-title-buyer = As a buyer sees it: { $title }
console-pages-view-label = Only you see this screen.
console-pages-view-tabs = Seen by
console-pages-view-back = Back to the editor
console-pages-as-stranger = A stranger
console-pages-as-buyer = A buyer
console-pages-seen-by-all = This is what everybody sees, as it was last saved.
console-pages-seen-by-stranger = This is what somebody sees who is not signed in, as it was last saved.
console-pages-seen-by-reader = This is what somebody sees who has signed in, as it was last saved.
console-pages-seen-by-buyer = This is what somebody sees who has bought the page, as it was last saved.
console-pages-seen-draft = It is a draft, so nobody else can open it yet.
console-pages-seen-archived = It is archived, so strangers do not find it any more.
console-pages-seen-archived-buyer = It is archived, but stays open to those who bought it or got it as a gift.
console-pages-seen-archived-reader = It is archived: only those who bought it or got it as a gift can still open it.

# Archiving and deleting
console-pages-archive-heading = Archive “{ $title }”?
console-pages-archive-effect = It disappears from your shop: nobody can find or buy it any more. Payments that are being made are stopped.
console-pages-archive-readers = Those who read it without a purchase or gift cannot open it any more.
console-pages-archive-holders = { $count ->
    [0] Nobody has bought it yet.
    [one] It was bought or given away once. Those who have access by a purchase or gift keep it.
   *[other] It was bought or given away { $count } times. Those who have access by a purchase or gift keep it.
}
console-pages-archive-offer = The group buy “{ $title }” is for this page: while it is archived, nobody can join or pay.
console-pages-archive-back = You can publish it again at any time.
console-pages-archive-button = Archive
console-pages-delete-heading = Delete “{ $title }”?
console-pages-delete-effect = Its text and its address are gone for good.
console-pages-delete-used = If somebody is paying for it, has signed in to read it, or a group buy offers it, it is archived instead.
console-pages-delete-used-archived = If somebody is paying for it, has signed in to read it, or a group buy offers it, it stays archived.
console-pages-delete-holders = { $count ->
    [0] Nobody has bought it or got it as a gift, so nobody loses access by that.
    [one] It was bought or given away once. So the page is archived instead of deleted: those who have access by a purchase or gift keep it, and nobody else can find or buy it any more.
   *[other] It was bought or given away { $count } times. So the page is archived instead of deleted: those who have access by a purchase or gift keep it, and nobody else can find or buy it any more.
}
console-pages-delete-files = { $count ->
    [one] Its file stays, but only you can open it then.
   *[other] Its { $count } files stay, but only you can open them then.
}
console-pages-delete-button = Delete

# Notices
console-pages-notice-draft = The draft is saved. Only you see it.
console-pages-notice-published = Published: { $what }
console-pages-notice-published-unwritten = Published: { $what } – its text is empty, so buyers get nothing for their money but the files that belong to the page.
console-pages-notice-no-cheaper-offer = Saved. The group price of “{ $what }” is not below the page’s new price, or is in another currency: see that group buy.
console-pages-notice-no-cheaper-offers = Saved. The group prices of { $what } are not below the page’s new price, or are in another currency: see these group buys.
console-pages-offer = “{ $title }”
console-pages-offers-more = { $count ->
    [one] one more
   *[other] { $count } more
}
console-pages-notice-archived = “{ $what }” is archived.
console-pages-notice-deleted = “{ $what }” is deleted.
console-pages-notice-kept = “{ $what }” is archived instead of deleted. Those who have access by a purchase or gift keep it.
console-pages-notice-refused-stays = “{ $what }” is not deleted and stays archived, since somebody bought it, got it as a gift or signed in to read it, somebody is paying for it, or a group buy offers it. Those who have access by a purchase or gift keep it.

# Errors
console-pages-error-mode = Please choose who may read the text.
console-pages-error-gone = This page was deleted while you were writing. Your text is still here: save it to create the page again.
console-pages-error-conflict = This page was changed in the meantime, so it was not saved.
console-pages-error-amount = This is not an amount. Write it like { $what }.
console-pages-error-no-decimals = Amounts in { $currency } have no decimals, and the least one is { $what }.
console-pages-error-ambiguous = This can be read in two ways. Write { $what } or { $and }.
console-pages-error-third-decimal = In this currency the third decimal is always 0: amounts go in steps of { $what }.
console-pages-error-step = In this currency amounts go in steps of { $what }.
console-pages-error-no-file = Please choose a file.
console-pages-error-not-media = Browsers do not show this kind of file inside a page. Choose a picture (JPEG, PNG, GIF, WebP, AVIF), a sound or a video, or upload it under Files.
console-pages-error-too-large = This file is too large. At most { $size } can be uploaded.

# The frame
console-skip = Skip to the content
console-nav-label = This shop
console-nav-start = Start
console-nav-pages = Pages
console-nav-revenue = Revenue
console-nav-purchases = Purchases
console-nav-files = Files
console-nav-group-buys = Group buys
console-nav-people = People
console-nav-mail = Mail log
console-nav-settings = Settings
console-switch = Change the shop, now:
console-account-menu = Your account:
console-sign-out = Sign out
console-save = Save
console-optional = (optional)
console-gone-back = Back to { $screen }
console-list-and = { $before } and { $last }
console-cancel = Cancel
console-older = Older
console-proof-label = Your e-mail address
console-proof-text = Please confirm your address: open the link that we mailed to { $email }. Until then you can prepare everything, but not connect Stripe or mail other people.
console-proof-button = Mail the link again (opens in a new tab)

# Notices
console-notice-saved = Saved.
console-notice-signed-out = You are signed out.
console-notice-welcome = Welcome! We mailed a link to { $what }. Open it to confirm your address; you can go on here in the meantime.
console-notice-reset-sent = If there is an account for { $what }, a mail is on its way.
console-notice-password-changed = Your password is changed. All other sessions have ended.
console-notice-verified = { $what } is confirmed. Thank you!
console-notice-proof-sent = We mailed another link to { $what }.
console-notice-proof-sent-in-tab = We mailed another link to { $what }. What you typed is still in the tab before.
console-notice-refused-wait = We have just mailed you a link. Please wait a minute before you ask for another one.
console-notice-handle-made = { $what } has its address. Here is what comes next.
console-notice-session-ended = That session has ended.

# Labels
console-field-email = E-mail address
console-field-password = Password
console-field-new-password = New password
console-field-current-password = Current password
console-field-own-name = Your name (optional)
console-field-shop-name = Name of the shop
console-field-handle = Handle
console-field-description = Description (optional)
console-settings-error-picture = Choose a picture of your own that everybody may open.
console-field-picture = Picture (optional)
console-field-support-email = Address for questions (optional)
console-field-mail-footer = End of your mails (optional)
console-field-frontend-origins = Origins of your own websites (optional)

# Errors
console-error-prefix = Error:
console-error-heading = Please look at this again
console-not-done = This was not done
console-error-line = { $label }: { $error }
console-error-empty = Please fill this in.
console-error-too-short = Please use at least { $what } characters.
console-error-too-long = Please use at most { $what } characters.
console-error-too-big = Please use at most { $what } KiB of text, which is about { $what } thousand letters.
console-error-table-too-big = This makes too large a page. Please use smaller tables and shorter paragraphs.
console-error-password-own = This is your own address or a part of it, which others know. Please choose another password.
console-error-password-common = This password is very common and easy to guess. Please choose another one.
console-error-length = Please use { $what } to { $and } characters.
console-error-one-line = Please write this on one line, without special control characters.
console-error-control = This contains characters that cannot be shown. Please type it again.
console-error-email = This is not an e-mail address. It looks like name@example.com.
console-error-name = Please use { $what } to { $and } lower-case letters (a to z), digits and hyphens. A hyphen is neither first nor last.
console-error-reserved = This name is reserved. Please choose another one.
console-error-origin = Please write one origin a line, such as https://shop.example.com: in lower case, without a path or the usual port.
console-settings-error-origin = “{ $line }” is no origin that we can use. Please write one origin a line, such as https://shop.example.com: in lower case, without a path or the usual port.
console-error-too-many = Please use at most { $what }.
console-error-price-missing = A page that is for sale needs a price.
console-error-currency = This currency is not available.
console-error-price-low = The least amount is { $what }.
console-error-price-high = The largest amount is { $what }.
console-error-price-step = In this currency the amount has to be a multiple of { $what } of its smallest unit.
console-error-range = Please choose a number from 1 to { $what }.
console-error-past = Please choose a time in the future.
console-error-too-far-ahead = Please choose a time within the next { $what } years.
console-error-below-target = This cannot be less than the target.
console-error-above-maximum = This cannot be more than the maximum, { $what }.
console-error-below-wanted = People want { $what } already, so it cannot be less.
console-error-page-unpriced = Please choose a page that has a price.
console-error-other-currency = Please use the currency of the page, { $what }.
console-error-above-price = This cannot be more than the price of the page, { $what }.
console-error-no-page = There is no such page in this shop.
console-error-page-missing = Please choose the page that the file belongs to.
console-error-page-extra = A page is chosen only for a file that belongs to a page.
console-error-date = Please choose a date, such as 2026-01-31.
console-error-before-from = The last day cannot be before the first day.
console-error-too-many-days = Please choose at most { $what } days.
console-error-page-hidden = The page is not published and this person does not have it, so that no link could lead there.
console-error-unwanted = This person asked for no more mails from you, so none was sent.
console-error-file-name = Please use a plain name without slashes.
console-error-same-address = This is the address that they have already.
console-error-nothing-there = Nothing here is under this address. See whether it is spelt as the buyer spelt it.
console-error-slug-taken = Something here has this address already. Please choose another one.
console-error-handle-taken = This handle is taken.
console-error-email-taken = There is an account with this address already. Sign in, or ask for a new password.
console-error-email-not-verified = Please confirm your e-mail address first. The link is in the mail that we sent you.
console-error-quota-handles = Your account has as many shops as are allowed here. Ask the operator for more.
console-error-quota = You have used all of your space. Delete something, or ask the operator for more.
console-error-quota-number = You have as many of these as are allowed here. Delete some, or ask the operator for more.
console-error-too-large = This is too large.
console-error-rate-limited = That was a bit much at once. Please wait { $wait }, then try again.
console-error-limit-of-a-day = This is as much as a day allows, of one mail, to one person or for your account. Please try again in { $wait }.
console-error-account-suspended = This account is suspended: it can neither sign in nor sell. Ask the operator of this installation.
console-error-password-wrong = The address or the password is not right.
console-error-current-password = This is not your current password.

# Signing up and in
console-kept-title = You were signed out
console-kept-text = Nothing that you typed is lost. Sign in in another tab; then come back here and send it again.
console-kept-sign-in = Sign in in another tab
console-kept-button = Send what I typed
console-kept-files = The files are not kept: choose them again before you send it.
console-sign-in-lost = You were signed out, and what you typed could not be kept. Before you sign in, go back in the browser and copy it.
console-sign-in-lost-long = You were signed out, and what you typed could not be kept: it is too long. Before you sign in, go back in the browser and copy it.
console-sign-in-kept = You were signed out; what you typed is kept. Once you are signed in here, go back to the other tab and send it.
console-sign-in-next = This is for creators, who sell here. Once you are signed in, the screen opens that you wanted.
console-sign-in-next-screen = This is for creators, who sell here. Once you are signed in, “{ $screen }” of { $handle } opens.
console-sign-in-title = Sign in
console-sign-in-button = Sign in
console-sign-in-forgotten = Forgotten your password?
console-sign-in-new = New here?
console-sign-up-title = Create an account
console-sign-up-text = Sell pages and files under an address of your own. Your buyers pay you directly, through your own Stripe account.
console-sign-up-button = Create the account
console-sign-up-email-hint = We mail you a link to confirm it.
console-sign-up-known = You have an account?
console-password-hint = At least 8 characters. A few words are easy to remember.
console-back-to-sign-in = Back to signing in
console-reset-title = Forgotten password
console-reset-text = We mail you a link with which you choose a new password.
console-reset-button = Mail me the link
console-reset-sent-title = Check your mail
console-reset-sent-text = The link works once, for 30 minutes. Nothing there after a few minutes? Look into the spam folder, and make sure that this is the address of your account.
console-reset-sent-again = Try another address
console-reset-confirm-title = New password
console-reset-confirm-text = This ends all sessions of your account and signs you in here.
console-reset-confirm-button = Set the password
console-verify-title = Confirm your address
console-verify-text = Press the button to confirm that this address is yours.
console-verify-button = Confirm the address
console-link-invalid = This link is not valid
console-link-invalid-text = It may have been cut off on its way. Copy the whole address from the mail, or ask for a new one.
console-link-expired = This link has expired
console-link-expired-text = Links work for a limited time only. Ask for a new one.
console-link-used = This link was used already
console-link-used-text = Each link works once. Ask for a new one if you need it.
console-link-reset-again = Ask for a new link
console-link-proof-again = To your account

# Handles
console-handles-title = All shops
console-new-handle = New shop
console-new-handle-text = A shop has a name and an address. Its pages, files and purchases belong to it.
console-new-handle-name-hint = Visitors see it on every page. You can change it later.
console-new-handle-hint = The address is made from it and stays the same. 3 to 32 lower-case letters, digits and hyphens.
console-new-handle-address = The address:
console-new-handle-sample = your-handle
console-new-handle-suggestions = These are free; choose one and then create the shop:
console-new-handle-chosen = { $handle } is filled in. Create the shop to take it.
console-new-handle-button = Create the shop
console-start-title = Towards your first sale
console-start-ready = Your shop is open
console-start-needed = Something needs you
console-start-next = You have sold something. See what came in under Revenue, and send the address of your shop to more people.
console-start-steps = The steps up to here
console-start-address = Your shop’s address:
console-step-is-done = Done
console-step-is-to-do = To do
console-step-is-optional = Optional
console-step-handle = Shop
console-step-handle-text = Your handle is { $handle }.
console-step-handle-link = Description, picture and mails
console-step-page = Page
console-step-page-text = { $count ->
    [0] Write what you want to sell or show. Everybody sees the teaser; the rest is behind the gate.
    [one] You have one page.
   *[other] You have { $count } pages.
}
console-step-page-link = Write a page
console-step-page-open = See your pages
console-step-price = Price
console-step-price-text = Set a page to “Paid” and give it a price.
console-step-price-done = “{ $title }” costs { $price }.
console-step-price-link = Set a price
console-step-stripe = Stripe
console-step-stripe-text = Connect your Stripe account, so that buyers can pay you.
console-step-stripe-gone = Your Stripe account was disconnected, so nobody can pay you. Connect it again under Revenue.
console-step-stripe-more = Stripe needs more from you before you can take payments.
console-step-stripe-restricted = Stripe lets you take no payments at the moment, and may want something more from you. Revenue shows what it asks for.
console-step-stripe-done = You can take payments.
console-step-stripe-link = See Revenue
console-step-publish = Publish
console-step-publish-text = { $count ->
    [0] Drafts are seen by you only. Publish a page when it is ready.
    [one] One page is published.
   *[other] { $count } pages are published.
}
console-step-publish-link = See your pages
console-step-test = First sale
console-step-test-done = You have made your first sale.
console-step-test-sandbox = Buy your own page once: this installation is a sandbox, so no money moves.
console-step-test-live = See your page as buyers see it, and send the address to somebody.
console-step-test-link = Open it as a buyer

# What needs the creator, on the start page
console-attention = Needs your attention
console-attention-restricted = Stripe lets your account take no payments at the moment, and may want something more from you.
console-attention-payouts = Visitors can buy, but Stripe cannot pay out to you yet: it needs something more, such as your bank account.
console-attention-disconnected = Your Stripe account was disconnected, so nobody can pay you.
console-attention-about = { $email }, “{ $page }”:
console-attention-dispute = A payment of { $amount } is disputed, and the bank waits for your answer.
console-attention-dispute-until = A payment of { $amount } is disputed, and the bank waits for your answer until { $until }.
console-attention-question = The bank asks about a payment of { $amount } and waits for your answer.
console-attention-question-until = The bank asks about a payment of { $amount } and waits for your answer until { $until }.
console-attention-dispute-link = See the evidence
console-attention-quarantined = A payment of { $amount } by { $email } does not match its order, so it opened nothing.
console-attention-quarantined-disputed = A payment of { $amount } by { $email } does not match its order, so it opened nothing, and the bank disputes it.
console-attention-person-link = See what happened
console-attention-unread = Stripe told us of a payment of { $amount } by { $email } and does not show it, or shows it as not made, so we do not know whether it was made.
console-attention-held = A second payment by { $email } is held until you decide.
console-attention-refund-failed = A refund to { $email } failed, so the money is still with you.
console-attention-refund-link = See the refund
console-attention-mail = A mail to { $email } could not be delivered.
console-attention-mails = { $count ->
    [one] One mail of the last days could not be delivered.
   *[other] { $count } mails of the last days could not be delivered.
}
console-attention-mail-link = See the mail log

# Account and settings
console-account-title = Account
console-account-email = You sign in as
console-account-name-hint = Only you see it.
console-account-password = Password
console-account-password-text = A new password ends all other sessions.
console-account-password-button = Change the password
console-account-sessions = Sessions
console-account-sessions-text = Where you are signed in. End what you do not know, and then change your password.
console-account-device = Device
console-account-since = Since
console-account-until = Until
console-account-session-this = This browser
console-account-session-end = End
console-settings-name-hint = Visitors see it on every page and in mails.
console-settings-description-hint = A few sentences on the start page of your shop; at most 1,000 characters.
console-settings-picture-hint = Stands on the start page of your shop. Upload it under Files, open to everybody.
console-settings-picture-slug-hint = Stands on the start page of your shop. There are too many pictures to list them all: type the name in the address of one under Files that everybody may open, or nothing. The newest ones are suggested.
console-settings-picture-gone = { $file } (nobody can see it: the file is gone, or not open to everybody)
console-settings-no-picture = No picture
console-settings-mails = Mails to your visitors
console-settings-support-hint = Stands on your pages and in your mails; answers to mails go there.
console-settings-footer-hint = For example your name and address. At most 500 characters.
console-settings-mail-preview = Mails end like this (after saving)
console-settings-mail-text = Thank you for buying “A page”. …
console-field-extras = What Stripe does besides
console-settings-payments = Payments
console-settings-extras-hint = For payments from now on. Stripe may ask a fee for each.
console-settings-invoice = Send an invoice
console-settings-invoice-hint = Stripe mails each buyer an invoice with its own number, besides the receipt.
console-settings-tax = Compute the tax
console-settings-tax-hint = Prices stay as they are; Stripe computes how much of them is tax. Set up Stripe Tax in your account first, or nobody can pay.
console-settings-tax-id = Ask for a tax id
console-settings-tax-id-hint = Businesses can give their tax id on the pay page.
console-field-second-payments = A payment for a page that the buyer has already
console-settings-second-hint = From two tabs or under two addresses, for example. The buyer keeps the page in any case.
console-settings-second-refund = Refund it
console-settings-second-refund-hint = It is refunded by itself, and you and the buyer are told.
console-settings-second-hold = Hold it
console-settings-second-hold-hint = You get a mail and decide whether to refund it; the buyer is told so.
console-settings-frontends = For developers
console-settings-account = Your password and where you are signed in:
console-settings-origins-hint = Websites of yours that call the interface with a visitor’s session. One origin a line, such as https://shop.example.com.

# What somebody stored while a form was open
console-conflict = This was changed in the meantime
console-conflict-text = Below is what is stored now; what you typed is still in the form. Copy over what you want to keep, then save yours.
console-conflict-saved = Stored:
console-conflict-field = Stored now: { $field }
console-conflict-drop = Drop what I typed and show what is stored
console-conflict-over = Save mine over it
console-error-conflict = This was changed in the meantime, so it was not saved.

# What surrounds every page
site-skip = Skip to the content
site-account = Your account
site-you-are = You are { $email }.
site-not-you = Not you?
site-sign-in = Sign in
site-sign-out = Sign out
site-my-access = My access
site-questions = Questions? Write to
site-made-with = Made with Tollgate
site-error = Error:

# Start page of the root host
home-what = Creators put pages behind a gate here. Visitors come in with their e-mail address and, where a page costs something, pay its creator directly. There is no password to remember.
home-visitors = See what you have access to
home-creators = For creators

# Storefront
store-empty = There is nothing here yet. Come back later.
store-pages = Pages
store-group-buys = Group buys
store-older = Older pages
store-owned = Owned
store-pending = Payment on its way
store-suspended = Paused: payment disputed
store-free = Free
store-free-with-login = Free, with your e-mail address
store-description = Pages by { $name }

# Page and gate
page-description = { $title }, by { $seller }
page-files = Files
gate-heading = Get access
gate-heading-not-on-sale = Not on sale yet
gate-heading-settling = Your access
gate-heading-free = Read on for free
gate-once = One payment, no subscription.
gate-inside = What is inside
gate-minutes = { $count ->
    [one] About 1 minute to read
   *[other] About { $count } minutes to read
}
gate-files = { $count ->
    [one] 1 file to download:
   *[other] { $count } files to download:
}
gate-free = Free. Sign in with your e-mail address to read this page. The seller will see your address.
gate-bought-before = Enter your e-mail address to go on to payment. Bought before? Sign in with the same address.
gate-only-before = Bought before? Sign in with the same address.
gate-buy = Buy for { $price }
gate-pay-page = You pay on a page of Stripe and come back here.
gate-not-on-sale = At the moment the seller cannot take payments. Nothing will be charged.
gate-off-sale = This cannot be bought at the moment: the seller cannot take payments. Nothing will be charged.
gate-group-price = You joined a group buy, so you pay the group price instead of { $price }. You can pay it until { $day }.
gate-pending = Your payment is on its way: your bank is working on it. This can take a few days.
gate-pending-next = The page opens by itself when the money has arrived, and we write to you if it does not. You need not buy again.
gate-look-again = See whether it has arrived
gate-quarantined = Your payment of { $day } arrived, but it does not match the order, so it opened nothing. The seller has been told and will write to you. Please do not pay again until then.
gate-unmatched = Your payment of { $day } arrived, but it did not match the order, so it opened nothing. It has not been refunded so far.
gate-unmatched-write = To have that settled, write to the seller: { $email }.
gate-unmatched-next = If you do not want to wait for that, you can pay once more.
gate-failed = Your payment of { $day } did not arrive: your bank did not carry it out. It opened nothing.
gate-failed-next = You can try again, perhaps with another way to pay.
gate-refunded = Your payment was refunded, so the page is closed for you.
gate-suspended = Your access is paused because the payment is disputed at your bank. It comes back when the dispute is settled in the seller’s favour. If you did not mean to dispute it, tell your bank.
gate-dispute-lost = Your bank took the payment back, and the seller lost the dispute about it, so the page is closed for you.
gate-buy-again = You can buy it again.
gate-group-buys = Cheaper together
gate-group-buy-joined = Your group buy
gate-revoked = The access that you were given has ended: the seller took it back, or it has moved to another address of yours.
mistake-write = If you think that this is a mistake, write to { $email }.

# What a page says once
notice-paid = Paid { $amount }. Receipt sent to { $email }.
notice-unpaid = The payment did not go through, and nothing was charged.
notice-unpaid-next = You can try again whenever you like.
notice-expired = The pay page is closed: it was open for too long, or what it offered has changed. Nothing was paid there.
notice-expired-next = You can buy here.
notice-come-back = You come from the pay page. Sign in with the address that you bought with to see what became of the payment.
notice-come-back-other = You come from a pay page and are signed in as { $email }. If you paid under another address, sign in with that one.
notice-unconfirmed = We do not know yet what became of the payment: Stripe has not answered. If you paid, do not pay again; look again in a few seconds.
notice-arrived = Your payment arrived. “My access” says what became of it.
notice-cancelled = You turned back. Nothing was paid.
notice-cancelled-next = You can buy whenever you like.
notice-mail-sent = We sent a new link and a new code.
notice-receipt = The receipt is on its way to { $email }.
notice-session-ended = That session has ended.
notice-sessions-ended = You are signed in here only now: all other sessions have ended.
notice-signed-out = You are signed out here. Sign in again to go on.
notice-joined = You are in, with a quantity of { $count }.
notice-changed = You are in, with a quantity of { $count } now.
notice-left = You have left this group buy.

# Sign-in
sign-in-heading = Sign in
sign-in-description = Sign in to { $name } with your e-mail address, without a password.
sign-in-email = Your e-mail address
sign-in-email-hint = We send you a link and a code. No password needed.
sign-in-continue = Continue
sign-in-no-email = Enter your e-mail address.
sign-in-bad-email = This is not an e-mail address. Check it for typing errors; it looks like name@example.com.
sign-in-limited = Too many mails were asked for. Wait { $wait }, then try again.
sign-in-newest = Use the link or the code from the newest mail
sign-in-already = You are signed in as { $email }. Signing in with another address ends that session.
sign-in-no-cookies = This browser is waiting for no mail: you asked too long ago, or it did not keep the cookie that asking set. Allow cookies for { $host }, then ask again.
sign-in-no-session = You are not signed in here: this browser did not keep the cookie that signing in set, or the session has ended. Allow cookies for { $host }, then ask for a mail once more.
sign-in-seen = If you open something here that is free after signing in, the seller sees your address.
sign-in-seconds = { $count ->
    [one] 1 second
   *[other] { $count } seconds
}
sign-in-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
sign-in-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}

# The page that waits for the mail
code-heading = Check your mail
code-sent = We sent a link and a code to
code-renewed = We sent a new link and a new code to the same address.
code-good = { $count ->
    [one] They are good for 1 more minute.
   *[other] They are good for { $count } more minutes.
}
code-how = Open the link on this device, or type the code here.
code-label = Six-digit code
code-empty = Enter the six digits from the mail.
code-malformed = The code has six digits. Enter these alone, as they stand in the newest mail.
code-limited = Too many codes were tried. Wait { $wait }, then try again.
code-invalid = This is not the code in the newest mail, or it was tried too often. Look again, or ask for a new mail.
code-expired = This code has expired. Ask for a new mail.
code-used = This code was used already. Ask for a new mail.
code-nothing = Nothing there?
code-spam = It can take a minute. Look into the spam folder, too.
code-wait = You can ask for another mail in { $wait }.
code-reload = Reload this page
code-again = Send another mail
code-change = Use another address
code-gone = The mail has expired
code-gone-text = Its link and code were good for a few minutes only. We can send you another one.
code-elsewhere = The link was opened elsewhere
code-elsewhere-text = You are signed in where you pressed the button, and not here. To sign in here as well, ask for another mail and type its code.

# The page behind the link
link-heading = Almost there
link-press = Press the button to sign in.
link-continue = Continue as { $email }
link-other = You are signed in as { $email } now. Going on signs you in as { $masked } instead.
link-goes-on = You go on to “{ $title }”.
link-goes-on-seen = You go on to “{ $title }”. It is free, and the seller sees your address.
link-goes-on-to-pay = You go on to “{ $title }”. If you have not bought it yet, payment comes next.
link-leads-to = You go on to { $host }.
link-elsewhere = Did you begin on another device?
link-code = Then do not press the button, but type this code there:
link-code-old = Then do not press the button, but type the code of the newest mail there: only that one counts.
link-code-spent = Then do not press the button, but ask for another mail there: the code of this one was tried too often.
link-not-asked = If you did not ask for this link, close this page: nothing happens without the button.
link-invalid = This link is not valid
link-invalid-text = It may have been cut off on its way. Ask for a new one here.
link-used = This link was used already
link-used-text = Each link lets you in once. Ask for a new one here.
link-expired = This link has expired
link-expired-text = Links are good for a few minutes only. We can mail you a new one, to the same address.
link-renew = Mail me a new link

# Signing out
sign-out-heading = Sign out?
sign-out-text = You are signed in as { $email }. After signing out you can sign in with another address.
sign-out-stay = Stay signed in

# Change of address
no-mails-heading = No more mails from this shop?
no-mails-text = { $seller } will not write to { $email } any more. Mails about your sign-in and your payments still arrive, and offers of group buys that you joined.
no-mails-button = Stop the mails
no-mails-done = Done
no-mails-done-text = { $seller } will not write to you any more. Mails about your sign-in and your payments still arrive, and offers of group buys that you joined.
no-mails-take-back = Get the mails again
no-mails-taken-back = { $seller } can write to you again. The link in each mail stops that.
no-mails-back = To the shop
no-mails-invalid = It may have been cut off on its way. Use the link at the end of the mail.
move-heading = Move what you bought
move-text = What you have at { $seller } is under { $from }.
move-to = Press the button, and it moves to { $email }.
move-button = Move it
move-not-asked = If you did not ask the seller for this, close this page: nothing happens without the button.
move-done = It has moved
move-done-text = What you have there is under { $email } now. Sign in with that address.
move-done-here = What you have there is under { $email } now. You are signed in with that address.
move-go-on = Go to the shop
move-invalid = It may have been cut off on its way. Open the whole link from the mail, or copy it.
move-expired = It was good for a limited time. The seller can send you a new one.
move-ended = It does not count any more: another link was confirmed, another address was named since, or the change was called off. The seller can send you a new one.
move-used = What you bought has moved once more since. Sign in with the address that it is under now.
move-nothing = There is nothing left to move.
move-write = To get a new one, write to { $email }.
moved-away = What you had at { $seller } moved to { $email } on { $day }, and opens with that address only.
moved-sign-in = Sign in with that address

# Files
file-download = Download
file-of-page = The page that it belongs to
file-invited = A file for invited people
file-sign-in = Sign in with the address that you have access with. Then you can download the file.
file-sign-in-free = Sign in with your e-mail address, for free. Then you can download the file. The seller will see your address.
file-sign-in-invited = Sign in with the address that you were invited with. Then you can download the file.
file-buy-first = This file is part of a page that you have not bought.
file-buy-first-next = Open the page to buy it.
file-not-invited = The address that you are signed in with is not on the list for this file. If you have another one, sign in with it.
file-sign-in-other = Sign in with another address
file-picture = Picture
file-audio = Audio
file-video = Video
file-pdf = PDF
file-archive = Archive
file-text = Text
file-other = File

# Group buy
group-description = A group buy for { $price }, by { $seller }
group-of = A group buy of
group-regular = Instead of { $price }.
group-progress = { $joined } of { $target } joined
group-offer = { $price } for those who joined, until { $day }
group-left = { $count ->
    [one] 1 left to reach the target
   *[other] { $count } left to reach the target
}
group-room = { $count ->
    [one] 1 of at most { $most } places left
   *[other] { $count } of at most { $most } places left
}
group-days = { $count ->
    [one] 1 day left
   *[other] { $count } days left
}
group-hours = { $count ->
    [one] 1 hour left
   *[other] { $count } hours left
}
group-minutes = { $count ->
    [one] 1 minute left
   *[other] { $count } minutes left
}
group-open = This group buy is open.
group-off-sale = Not available at the moment: the seller cannot take payments. Nobody pays before the offer is activated.
group-open-off-sale = This group buy is open. Paying is not possible yet: the seller cannot take payments at the moment. Nobody pays before the offer is activated.
group-reached = The target is reached; it is up to the seller now.
group-reached-full = The target is reached, and there is no room left; it is up to the seller now.
group-active = The offer is activated: those who joined can buy at the group price.
group-active-off-sale = The offer is activated, but cannot be paid at the moment.
group-expired = This group buy is over: the target was not reached in time. Nobody pays anything.
group-offer-ended = This group buy is over: the offer has ended.
group-cancelled = The seller has called it off. Nobody pays anything.
group-join-until = You can join until
group-pay-until = You can pay until
group-heading-join = Take part
group-heading-joined = You have joined
group-heading-closed = Closed to new people
group-heading-active = The offer is activated
group-heading-pay = Pay the group price
group-heading-over = It is over
group-heading-cancelled = Called off
group-sign-in = Sign in to join, or to see what you said.
group-sign-in-full = There is no room left. Joined before? Sign in with the same address.
group-sign-in-too-late = It is too late to join. Joined before? Sign in with the same address.
group-sign-in-halted = Nobody can join at the moment. Joined before? Sign in with the same address.
group-sign-in-to-pay = If you have joined, sign in to buy at the group price.
group-quantity = How many do you want?
group-quantity-hint = { $count ->
    [one] There is room for 1; it counts towards the target. You pay nothing now. If it becomes an offer and you buy, you pay the group price once.
   *[other] 1 to { $count }; it counts towards the target. You pay nothing now. If it becomes an offer and you buy, you pay the group price once.
}
group-bad-quantity = { $count ->
    [one] There is room for 1 only.
   *[other] Choose a whole number from 1 to { $count }.
}
group-full = There is no room left for this quantity. Try a smaller one.
group-joined = { $count ->
    [one] You have joined with a quantity of 1.
   *[other] You have joined with a quantity of { $count }.
}
group-join = Count me in
group-change = Change it
group-leave = Leave
group-owned = You have it already:
group-not-paid = The page is not for sale any more.
group-is-over = There is nothing to join any more.
group-page-costs-no-more = The page itself costs { $price } now, which is no more than the group price. Buy it there:
group-only-joined = The group price is for those who joined before the offer was activated.
group-by-itself = The page by itself:
group-halted = Nobody can join at the moment. Come back later.
group-too-late = It is too late to join.
group-no-room = There is no room left.
group-next = What happens next
group-step-join = { $count ->
    [one] One person joins, and the target is reached. Nobody pays yet.
   *[other] People join until the target of { $count } is reached. Nobody pays yet.
}
group-step-start = { $seller } activates the offer. Everyone who joined gets a mail.
group-step-pay = { $count ->
    [one] You then have 1 day to pay { $price }. If you do not, nothing happens.
   *[other] You then have { $count } days to pay { $price }. If you do not, nothing happens.
}
group-step-deadline = If the target is not reached in time, it is over and nobody pays.
group-step-no-deadline = Until the offer is activated, you can leave at any time.
group-step-active = Those who joined can pay now; each has got a mail.
group-step-lapse = If you do not pay in time, the offer lapses, and you owe nothing.

# My access
access-you-are = You are signed in as { $email }.
access-receipt-sign-in = Sign in with the address that the purchase is under to see the receipt.
access-sign-in = Sign in to see the pages that you have access to.
access-joined = Group buys that you joined
access-joined-open = Waits for more people.
access-joined-active = The offer is activated, and you can pay the group price.
access-joined-page = The page itself costs { $price } now, which is no more than the group price.
access-pending = On their way
access-pending-text = Your bank is working on these payments. The pages open by themselves when the money has arrived.
access-quarantined = Being looked into
access-quarantined-text = We are looking into your payment: it arrived, but it does not match the order, so it opened nothing yet. The seller has been told and will write to you.
access-unmatched = Not settled
access-unmatched-text = These payments arrived, but they did not match their orders, so they opened nothing. They have not been refunded so far. The page says what you can do.
access-failed = Did not arrive
access-failed-text = Your bank did not carry out these payments. Try again on the page, perhaps with another way to pay.
access-history = Your pages and files
access-nothing = You have none yet. What you buy or open with your address shows up here.
access-older = Older
access-bought = Bought
access-group-buy = Bought in a group
access-gift = A gift
access-free = Free
access-invited = Invited
access-active = Active
access-refunded = Refunded
access-refunded-why = The payment was refunded to you.
access-revoked = Ended
access-dispute-lost-why = Your bank took the payment back, and the seller lost the dispute about it.
access-revoked-why = The seller has ended this access, or it has moved to another address of yours.
access-suspended = Paused
access-suspended-why = The payment is disputed at your bank.
access-not-offered = There is no page to open now.
access-receipt = Receipt
access-receipt-label = Receipt for { $title }
access-sessions = Where you are signed in
access-sessions-text = If you do not know one of these, end it.
access-sessions-more = There are older ones that are not listed here.
access-end-others = End all others
access-since = Since
access-until = until
access-here = This browser
access-end = End
access-end-label = End the session since { $since }
access-end-device-label = End the session since { $since } ({ $device })

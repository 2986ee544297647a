# The list
console-group-buys-empty = In a group buy, people say that they want a page at a lower price. When enough of them do, you activate it, and each of them can buy. Nobody pays before that.
console-group-buys-new = New group buy
console-group-buys-title = Group buy
console-group-buys-progress = Progress
console-group-buys-status = Status
console-group-buys-time = Time left
console-group-buys-no-time = No end set
console-group-buys-ended-on = Ended on
console-group-buys-closed-on = Closed since
console-group-buys-status-open = Collecting interest
console-group-buys-status-reached = Target reached
console-group-buys-status-active = Offer activated
console-group-buys-status-over = Offer ended
console-group-buys-status-missed = Ended below the target
console-group-buys-status-cancelled = Called off
console-group-buys-wanted-of = Quantity wanted: { $count }, target: { $target }
console-group-buys-paid-of = Quantity paid: { $count }, target: { $target }
console-group-buys-days = { $count ->
    [one] one day left
   *[other] { $count } days left
}
console-group-buys-hours = { $count ->
    [one] one hour left
   *[other] { $count } hours left
}
console-group-buys-minutes = { $count ->
    [one] one minute left
   *[other] { $count } minutes left
}

# The form
console-group-buys-field-title = Title
console-group-buys-field-page = Page
console-group-buys-field-price = Group price
console-group-buys-field-target = Target
console-group-buys-field-most = Maximum (optional)
console-group-buys-field-deadline = Deadline (optional)
console-group-buys-field-days = Days of the offer
console-group-buys-field-description = Description (optional)
console-group-buys-field-slug = Name in the address (optional)
console-group-buys-no-pages = A group buy offers a page that is for sale. Set the price of a page first.
console-group-buys-to-pages = To your pages
console-group-buys-frozen = The offer is activated, so its price and terms stay as they are. You can change the texts.
console-group-buys-title-hint = Visitors see it on your shop and in mails.
console-group-buys-page-hint = Your pages that have a price.
console-group-buys-choose = Choose a page
console-group-buys-price-hint = What each person pays, in the currency of the page, at most its price. For example 9.50.
console-group-buys-price-hint-in = What each person pays, in { $currency }, at most the price of the page.
console-group-buys-target-hint = How many have to be wanted before you can activate it. One person can want several.
console-group-buys-most-hint = No more than this can join.
console-group-buys-deadline-hint = Day and time in UTC. From then on nobody can join; below the target, it ends.
console-group-buys-deadline-here = In your time zone:
console-group-buys-days-hint = How long people can pay after you activate it: 1 to 30 days.
console-group-buys-description-hint = Plain text that everybody sees.
console-group-buys-slug-hint = It is made from the title if you leave it empty. Lower-case letters, digits and hyphens.
console-group-buys-create = Create the group buy
console-group-buys-error-page = Please choose a page.
console-group-buys-error-number = Please write a whole number, such as 10.
console-group-buys-error-time = Please write a day and a time, such as 2030-01-31T12:00.
console-group-buys-error-not-open = It was activated or has ended in the meantime, so this cannot change any more.
console-group-buys-notice-made = { $what } is open. Send people its address.
console-group-buys-edit-heading = Change “{ $title }”

# A group buy
console-group-buys-activate = Activate…
console-group-buys-edit = Change it
console-group-buys-paid = Paid
console-group-buys-ends = Offer ends
console-group-buys-deadline = Deadline
console-group-buys-page = Page
console-group-buys-price = Group price
console-group-buys-instead-of = { $price } instead of { $regular }
console-group-buys-target = Target
console-group-buys-target-and-most = { $target }, at most { $most }
console-group-buys-offer = Length of the offer
console-group-buys-offer-days = { $count ->
    [one] one day
   *[other] { $count } days
}
console-group-buys-address = Address to share
console-group-buys-paid-by = { $count ->
    [0] Nobody has paid yet
    [one] One person, { $amount } in all
   *[other] { $count } people, { $amount } in all
}
console-group-buys-interests = Who wants it
console-group-buys-nobody = Nobody has joined yet. Send people the address above.
console-group-buys-nobody-joined = Nobody joined.
console-group-buys-person = Person
console-group-buys-quantity = Quantity
console-group-buys-since = Since
console-group-buys-has-paid = Paid
console-group-buys-has-not-paid = Not paid
console-group-buys-next-open = { $count ->
    [one] One more is needed before you can activate it.
   *[other] { $count } more are needed before you can activate it.
}
console-group-buys-next-reached = Enough people want it. Activate it, and they can buy; or wait for more.
console-group-buys-next-full = As many want it as can join. Activate it, and they can buy.
console-group-buys-next-late = Enough people want it, and nobody can join any more. Activate it, or call it off.
console-group-buys-next-active = Everybody who joined can pay now, and got a mail. You need not do anything.
console-group-buys-next-closed = The page is not published, so nobody can see this or pay. Publish the page again, or call the group buy off.
console-group-buys-next-closed-offer = The page is not published, so nobody can see this or pay. Publish the page again before the offer ends.
console-group-buys-next-unpaid = The page is not for sale any more, so nobody could pay. Put it up for sale again, or call the group buy off.
console-group-buys-next-unpaid-offer = The page is not for sale any more, so nobody can pay. Put it up for sale again before the offer ends.
console-group-buys-next-dearer = The page costs { $regular } by itself, which is less than the group price, so you cannot activate this. Lower the group price, or call the group buy off.
console-group-buys-next-needless = The page costs { $regular } by itself, no more than the group price, so nobody needs this. Lower the group price, or call the group buy off.
console-group-buys-next-needless-offer = The page costs { $regular } by itself, no more than the group price, so nobody needs this offer any more.
console-group-buys-next-other-currency = The page costs { $regular } by itself now, in another currency than the group price, so you cannot activate this. Set the page’s price in the currency of the group price again, or call the group buy off.
console-group-buys-next-unpayable = Everybody who joined got a mail, but nobody can pay: you cannot take payments. Set up Stripe under Revenue before the offer ends.
console-group-buys-next-over = The offer is over. Those who paid keep the page.
console-group-buys-next-missed = { $count ->
    [0] The deadline has passed. Nobody is in it, and nobody paid.
   *[other] Too few wanted it before the deadline. Everybody who joined got a mail, unless they stopped your mails; nobody paid.
}
console-group-buys-next-cancelled = { $count ->
    [0] You have called it off. Nobody is in it, and nobody paid.
   *[other] You have called it off. Everybody who joined got a mail, unless they stopped your mails; nobody paid.
}

# Its steps
console-group-buys-activate-heading = Activate “{ $title }”?
console-group-buys-activate-text = This can be done once and cannot be taken back. It does this:
console-group-buys-activate-mails = { $count ->
    [0] It mails nobody, since nobody has joined.
    [one] It mails one person the way to pay.
   *[other] It mails { $count } people the way to pay.
}
console-group-buys-activate-price = Each pays { $price }, once.
console-group-buys-activate-freezes = It freezes the price and the list: nobody can join or leave any more.
console-group-buys-activate-ends = The offer ends on
console-group-buys-activate-lapse = Those who have not paid by then do not get the page at this price.
console-group-buys-activate-stripe = You cannot take payments yet, so nobody could pay. Make Stripe ready first:
console-group-buys-activate-button = { $count ->
    [0] Activate
    [one] Activate and mail one person
   *[other] Activate and mail { $count } people
}
console-group-buys-activate-obstructed = Below is what is in the way.
console-group-buys-obstacle-target = { $count ->
    [one] You cannot activate it yet: one more is needed.
   *[other] You cannot activate it yet: { $count } more are needed.
}
console-group-buys-obstacle-unpriced = You cannot activate it: its page has no price any more. Set the price again:
console-group-buys-obstacle-unpublished = You cannot activate it yet: publish its page first:
console-group-buys-obstacle-dearer = You cannot activate it: the group price is above the price of its page, or in another currency. Change the group price:
console-group-buys-notice-activated = The offer is activated. The mails are on their way.
console-group-buys-cancel-heading = Call “{ $title }” off?
console-group-buys-cancel-mails = { $count ->
    [0] Nobody has joined, so nobody gets a mail.
    [one] One person who joined gets a mail, unless they stopped your mails.
   *[other] { $count } people who joined get a mail, unless they stopped your mails.
}
console-group-buys-cancel-effect = Nobody pays anything. It cannot be opened again.
console-group-buys-cancel-button = Call it off
console-group-buys-notice-cancelled = It is called off.
console-group-buys-notice-refused-begun = It is activated, so it cannot be called off.

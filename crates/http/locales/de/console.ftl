# Der Rahmen
console-skip = Zum Inhalt springen
console-nav-label = Dieser Shop
console-nav-start = Start
console-nav-pages = Seiten
console-nav-revenue = Einnahmen
console-nav-purchases = Käufe
console-nav-files = Dateien
console-nav-group-buys = Gruppenkäufe
console-nav-people = Personen
console-nav-mail = Mailprotokoll
console-nav-settings = Einstellungen
console-switch = Shop wechseln, jetzt:
console-account-menu = Ihr Konto:
console-sign-out = Abmelden
console-save = Speichern
console-optional = (optional)
console-gone-back = Zurück zu: { $screen }
console-list-and = { $before } und { $last }
console-cancel = Abbrechen
console-older = Ältere
console-proof-label = Ihre E-Mail-Adresse
console-proof-text = Bitte bestätigen Sie Ihre Adresse: Öffnen Sie den Link, den wir an { $email } gesendet haben. Bis dahin können Sie alles vorbereiten, aber weder Stripe verbinden noch Mails an andere senden.
console-proof-button = Link noch einmal senden (öffnet einen neuen Tab)

# Hinweise
console-notice-saved = Gespeichert.
console-notice-signed-out = Sie sind abgemeldet.
console-notice-welcome = Willkommen! Wir haben einen Link an { $what } gesendet. Öffnen Sie ihn, um Ihre Adresse zu bestätigen; hier können Sie inzwischen weitermachen.
console-notice-reset-sent = Wenn es ein Konto für { $what } gibt, ist eine Mail unterwegs.
console-notice-password-changed = Ihr Passwort ist geändert. Alle anderen Sitzungen sind beendet.
console-notice-verified = { $what } ist bestätigt. Vielen Dank!
console-notice-proof-sent = Wir haben noch einen Link an { $what } gesendet.
console-notice-proof-sent-in-tab = Wir haben noch einen Link an { $what } gesendet. Was Sie geschrieben haben, steht noch im vorigen Tab.
console-notice-refused-wait = Wir haben Ihnen gerade erst einen Link gesendet. Bitte warten Sie eine Minute, bevor Sie noch einen anfordern.
console-notice-handle-made = { $what } hat jetzt eine Adresse. So geht es weiter.
console-notice-session-ended = Diese Sitzung ist beendet.

# Beschriftungen
console-field-email = E-Mail-Adresse
console-field-password = Passwort
console-field-new-password = Neues Passwort
console-field-current-password = Aktuelles Passwort
console-field-own-name = Ihr Name (optional)
console-field-shop-name = Name des Shops
console-field-handle = Kurzname
console-field-description = Beschreibung (optional)
console-settings-error-picture = Wählen Sie ein eigenes Bild, das alle öffnen dürfen.
console-field-picture = Bild (optional)
console-field-support-email = Adresse für Fragen (optional)
console-field-mail-footer = Fußzeile Ihrer Mails (optional)
console-field-frontend-origins = Ursprünge eigener Websites (optional)

# Fehler
console-error-prefix = Fehler:
console-error-heading = Bitte sehen Sie sich das noch einmal an
console-not-done = Das wurde nicht ausgeführt
console-error-line = { $label }: { $error }
console-error-empty = Bitte füllen Sie das aus.
console-error-too-short = Bitte schreiben Sie mindestens { $what } Zeichen.
console-error-too-long = Bitte schreiben Sie höchstens { $what } Zeichen.
console-error-too-big = Bitte schreiben Sie höchstens { $what } KiB Text, das sind etwa { $what } Tausend Buchstaben.
console-error-table-too-big = Das ergibt eine zu große Seite. Bitte verwenden Sie kleinere Tabellen und kürzere Absätze.
console-error-password-own = Das ist Ihre eigene Adresse oder ein Teil davon, und andere kennen sie. Bitte wählen Sie ein anderes Passwort.
console-error-password-common = Dieses Passwort ist sehr verbreitet und leicht zu erraten. Bitte wählen Sie ein anderes.
console-error-length = Bitte schreiben Sie { $what } bis { $and } Zeichen.
console-error-one-line = Bitte schreiben Sie das in eine Zeile, ohne Steuerzeichen.
console-error-control = Das enthält Zeichen, die nicht dargestellt werden können. Bitte tippen Sie es neu.
console-error-email = Das ist keine E-Mail-Adresse. Eine E-Mail-Adresse sieht so aus: name@example.com.
console-error-name = Bitte schreiben Sie { $what } bis { $and } Kleinbuchstaben (a bis z), Ziffern und Bindestriche. Am Anfang und am Ende steht kein Bindestrich.
console-error-reserved = Dieser Name ist reserviert. Bitte wählen Sie einen anderen.
console-error-origin = Bitte schreiben Sie je Zeile einen Ursprung wie https://shop.example.com: klein geschrieben, ohne Pfad und ohne üblichen Port, Umlaute als xn--….
console-settings-error-origin = „{ $line }“ ist kein Ursprung, den wir verwenden können. Bitte schreiben Sie je Zeile einen Ursprung wie https://shop.example.com: klein geschrieben, ohne Pfad und ohne üblichen Port, Umlaute als xn--….
console-error-too-many = Bitte geben Sie höchstens { $what } an.
console-error-price-missing = Eine Seite, die verkauft wird, braucht einen Preis.
console-error-currency = Diese Währung gibt es hier nicht.
console-error-price-low = Der kleinste Betrag ist { $what }.
console-error-price-high = Der größte Betrag ist { $what }.
console-error-price-step = In dieser Währung muss der Betrag ein Vielfaches von { $what } der kleinsten Einheit sein.
console-error-range = Bitte wählen Sie eine Zahl von 1 bis { $what }.
console-error-past = Bitte wählen Sie einen Zeitpunkt in der Zukunft.
console-error-too-far-ahead = Bitte wählen Sie einen Zeitpunkt innerhalb der nächsten { $what } Jahre.
console-error-below-target = Das darf nicht unter dem Ziel liegen.
console-error-above-maximum = Das darf nicht über dem Höchstwert { $what } liegen.
console-error-below-wanted = Gewünscht sind schon { $what }, weniger geht nicht.
console-error-page-unpriced = Bitte wählen Sie eine Seite, die einen Preis hat.
console-error-other-currency = Bitte verwenden Sie die Währung der Seite, { $what }.
console-error-above-price = Das darf nicht über dem Preis der Seite liegen, { $what }.
console-error-no-page = Diese Seite gibt es in diesem Shop nicht.
console-error-page-missing = Bitte wählen Sie die Seite, zu der die Datei gehört.
console-error-page-extra = Eine Seite wird nur für eine Datei gewählt, die zu einer Seite gehört.
console-error-date = Bitte wählen Sie ein Datum, zum Beispiel 2026-01-31.
console-error-before-from = Der letzte Tag darf nicht vor dem ersten liegen.
console-error-too-many-days = Bitte wählen Sie höchstens { $what } Tage.
console-error-page-hidden = Die Seite ist nicht veröffentlicht, und diese Person hat sie nicht. Ein Link würde ins Leere führen.
console-error-unwanted = Diese Person wollte keine Mails mehr von Ihnen, deshalb wurde keine verschickt.
console-error-file-name = Bitte verwenden Sie einen einfachen Namen ohne Schrägstriche.
console-error-same-address = Das ist die Adresse, die die Person schon hat.
console-error-nothing-there = Unter dieser Adresse gibt es hier nichts. Sehen Sie nach, ob sie so geschrieben ist wie beim Kauf.
console-error-slug-taken = Diese Adresse ist hier schon vergeben. Bitte wählen Sie eine andere.
console-error-handle-taken = Dieser Kurzname ist vergeben.
console-error-email-taken = Mit dieser Adresse gibt es schon ein Konto. Melden Sie sich an, oder fordern Sie ein neues Passwort an.
console-error-email-not-verified = Bitte bestätigen Sie zuerst Ihre E-Mail-Adresse. Der Link steht in der Mail, die wir Ihnen gesendet haben.
console-error-quota-handles = Ihr Konto hat so viele Shops, wie hier erlaubt sind. Bitten Sie den Betreiber um mehr.
console-error-quota = Ihr Speicherplatz ist aufgebraucht. Löschen Sie etwas, oder bitten Sie den Betreiber um mehr.
console-error-quota-number = Sie haben davon so viele, wie hier erlaubt sind. Löschen Sie einige, oder bitten Sie den Betreiber um mehr.
console-error-too-large = Das ist zu groß.
console-error-rate-limited = Das war etwas viel auf einmal. Bitte warten Sie { $wait } und versuchen Sie es dann noch einmal.
console-error-limit-of-a-day = Mehr ist an einem Tag nicht möglich, von einer Mail, an eine Person oder für Ihr Konto. Bitte versuchen Sie es in { $wait } noch einmal.
console-error-account-suspended = Dieses Konto ist gesperrt: Anmelden und Verkaufen sind nicht möglich. Wenden Sie sich an den Betreiber dieser Installation.
console-error-password-wrong = Die Adresse oder das Passwort stimmt nicht.
console-error-current-password = Das ist nicht Ihr aktuelles Passwort.

# Konto anlegen und anmelden
console-kept-title = Sie wurden abgemeldet
console-kept-text = Nichts von dem, was Sie eingegeben haben, ist verloren. Melden Sie sich in einem anderen Tab an; kommen Sie dann hierher zurück und senden Sie es noch einmal.
console-kept-sign-in = In einem anderen Tab anmelden
console-kept-button = Meine Eingaben senden
console-kept-files = Die Dateien wurden nicht behalten: Wählen Sie sie noch einmal, bevor Sie senden.
console-sign-in-lost = Sie wurden abgemeldet, und was Sie eingegeben haben, konnte nicht behalten werden. Gehen Sie im Browser zurück und kopieren Sie es, bevor Sie sich anmelden.
console-sign-in-lost-long = Sie wurden abgemeldet, und was Sie eingegeben haben, konnte nicht behalten werden: Es ist zu lang. Gehen Sie im Browser zurück und kopieren Sie es, bevor Sie sich anmelden.
console-sign-in-kept = Sie wurden abgemeldet; was Sie eingegeben haben, bleibt erhalten. Gehen Sie nach der Anmeldung zurück in den anderen Tab und senden Sie es.
console-sign-in-next = Diese Anmeldung ist für Creators, die hier verkaufen. Nach der Anmeldung öffnet sich die Seite, zu der Sie wollten.
console-sign-in-next-screen = Diese Anmeldung ist für Creators, die hier verkaufen. Nach der Anmeldung öffnet sich „{ $screen }“ von { $handle }.
console-sign-in-title = Anmelden
console-sign-in-button = Anmelden
console-sign-in-forgotten = Passwort vergessen?
console-sign-in-new = Neu hier?
console-sign-up-title = Konto anlegen
console-sign-up-text = Verkaufen Sie Seiten und Dateien unter einer eigenen Adresse. Ihre Käufer bezahlen direkt an Sie, über Ihr eigenes Stripe-Konto.
console-sign-up-button = Konto anlegen
console-sign-up-email-hint = Wir senden Ihnen einen Link, um sie zu bestätigen.
console-sign-up-known = Sie haben schon ein Konto?
console-password-hint = Mindestens 8 Zeichen. Ein paar Wörter sind leicht zu merken.
console-back-to-sign-in = Zurück zur Anmeldung
console-reset-title = Passwort vergessen
console-reset-text = Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen können.
console-reset-button = Link senden
console-reset-sent-title = Sehen Sie in Ihr Postfach
console-reset-sent-text = Der Link funktioniert nur einmal und nur 30 Minuten lang. Nach ein paar Minuten nichts da? Sehen Sie im Spam-Ordner nach, und prüfen Sie, ob es die Adresse Ihres Kontos ist.
console-reset-sent-again = Eine andere Adresse versuchen
console-reset-confirm-title = Neues Passwort
console-reset-confirm-text = Das beendet alle Sitzungen Ihres Kontos und meldet Sie hier an.
console-reset-confirm-button = Passwort festlegen
console-verify-title = Adresse bestätigen
console-verify-text = Drücken Sie den Knopf, um zu bestätigen, dass diese Adresse Ihnen gehört.
console-verify-button = Adresse bestätigen
console-link-invalid = Dieser Link ist ungültig
console-link-invalid-text = Vielleicht wurde er unterwegs abgeschnitten. Kopieren Sie die ganze Adresse aus der Mail, oder fordern Sie einen neuen an.
console-link-expired = Dieser Link ist abgelaufen
console-link-expired-text = Links funktionieren nur eine begrenzte Zeit. Fordern Sie einen neuen an.
console-link-used = Dieser Link wurde schon verwendet
console-link-used-text = Jeder Link funktioniert nur einmal. Fordern Sie einen neuen an, wenn Sie ihn brauchen.
console-link-reset-again = Neuen Link anfordern
console-link-proof-again = Zu Ihrem Konto

# Shops
console-handles-title = Alle Shops
console-new-handle = Neuer Shop
console-new-handle-text = Ein Shop hat einen Namen und eine Adresse. Seine Seiten, Dateien und Käufe gehören dazu.
console-new-handle-name-hint = Besucher sehen ihn auf jeder Seite. Sie können ihn später ändern.
console-new-handle-hint = Daraus entsteht die Adresse, die gleich bleibt. 3 bis 32 Kleinbuchstaben, Ziffern und Bindestriche.
console-new-handle-address = Die Adresse:
console-new-handle-sample = ihr-kurzname
console-new-handle-suggestions = Diese sind frei; wählen Sie einen davon und legen Sie dann den Shop an:
console-new-handle-chosen = { $handle } ist eingetragen. Legen Sie den Shop an, um ihn zu nehmen.
console-new-handle-button = Shop anlegen
console-start-title = Bis zum ersten Verkauf
console-start-ready = Ihr Shop ist offen
console-start-needed = Hier ist etwas zu tun
console-start-next = Sie haben etwas verkauft. Unter „Einnahmen“ sehen Sie, was eingegangen ist; schicken Sie die Adresse Ihres Shops noch mehr Leuten.
console-start-steps = Die Schritte bis hierher
console-start-address = Die Adresse Ihres Shops:
console-step-is-done = Fertig
console-step-is-to-do = Offen
console-step-is-optional = Optional
console-step-handle = Shop
console-step-handle-text = Ihr Kurzname ist { $handle }.
console-step-handle-link = Beschreibung, Bild und Mails
console-step-page = Seite
console-step-page-text = { $count ->
    [0] Schreiben Sie, was Sie verkaufen oder zeigen wollen. Den Teaser sehen alle; der Rest ist hinter der Schranke.
    [one] Sie haben eine Seite.
   *[other] Sie haben { $count } Seiten.
}
console-step-page-link = Seite schreiben
console-step-page-open = Zu Ihren Seiten
console-step-price = Preis
console-step-price-text = Stellen Sie eine Seite auf „Kostenpflichtig“ und geben Sie ihr einen Preis.
console-step-price-done = „{ $title }“ kostet { $price }.
console-step-price-link = Preis festlegen
console-step-stripe = Stripe
console-step-stripe-text = Verbinden Sie Ihr Stripe-Konto, damit Käufer bei Ihnen bezahlen können.
console-step-stripe-gone = Ihr Stripe-Konto wurde getrennt, deshalb kann niemand bei Ihnen bezahlen. Verbinden Sie es unter „Einnahmen“ wieder.
console-step-stripe-more = Stripe braucht noch etwas von Ihnen, bevor Sie Zahlungen annehmen können.
console-step-stripe-restricted = Stripe lässt Sie zurzeit keine Zahlungen annehmen und braucht vielleicht noch etwas von Ihnen. Unter „Einnahmen“ steht, was Stripe braucht.
console-step-stripe-done = Sie können Zahlungen annehmen.
console-step-stripe-link = Zu den Einnahmen
console-step-publish = Veröffentlichen
console-step-publish-text = { $count ->
    [0] Entwürfe sehen nur Sie. Veröffentlichen Sie eine Seite, wenn sie fertig ist.
    [one] Eine Seite ist veröffentlicht.
   *[other] { $count } Seiten sind veröffentlicht.
}
console-step-publish-link = Zu Ihren Seiten
console-step-test = Erster Verkauf
console-step-test-done = Sie haben zum ersten Mal verkauft.
console-step-test-sandbox = Kaufen Sie Ihre eigene Seite einmal: Diese Installation ist eine Sandbox, es fließt kein Geld.
console-step-test-live = Sehen Sie Ihre Seite so, wie Käufer sie sehen, und senden Sie jemandem die Adresse.
console-step-test-link = Als Käufer öffnen

# Was auf der Startseite zu tun ist
console-attention = Hier werden Sie gebraucht
console-attention-restricted = Stripe lässt Ihr Konto zurzeit keine Zahlungen annehmen und braucht vielleicht noch etwas von Ihnen.
console-attention-payouts = Besucher können kaufen, aber Stripe kann Ihnen noch nichts auszahlen: Es fehlt noch etwas, zum Beispiel Ihr Bankkonto.
console-attention-disconnected = Ihr Stripe-Konto wurde getrennt, deshalb kann niemand bei Ihnen bezahlen.
console-attention-about = { $email }, „{ $page }“:
console-attention-dispute = Eine Zahlung über { $amount } wird angefochten, und die Bank wartet auf Ihre Antwort.
console-attention-dispute-until = Eine Zahlung über { $amount } wird angefochten, und die Bank wartet bis { $until } auf Ihre Antwort.
console-attention-question = Die Bank fragt nach einer Zahlung über { $amount } und wartet auf Ihre Antwort.
console-attention-question-until = Die Bank fragt nach einer Zahlung über { $amount } und wartet bis { $until } auf Ihre Antwort.
console-attention-dispute-link = Zu den Nachweisen
console-attention-quarantined = Eine Zahlung über { $amount } von { $email } passt nicht zur Bestellung, deshalb hat sie nichts geöffnet.
console-attention-quarantined-disputed = Eine Zahlung über { $amount } von { $email } passt nicht zur Bestellung, deshalb hat sie nichts geöffnet, und die Bank ficht sie an.
console-attention-person-link = Was geschehen ist
console-attention-unread = Stripe hat eine Zahlung über { $amount } von { $email } gemeldet und zeigt sie nicht oder als nicht ausgeführt. Wir wissen deshalb nicht, ob sie ausgeführt wurde.
console-attention-held = Eine zweite Zahlung von { $email } wartet auf Ihre Entscheidung.
console-attention-refund-failed = Eine Erstattung an { $email } ist fehlgeschlagen, deshalb haben Sie das Geld noch.
console-attention-refund-link = Zur Erstattung
console-attention-mail = Eine Mail an { $email } konnte nicht zugestellt werden.
console-attention-mails = { $count ->
    [one] Eine Mail der letzten Tage konnte nicht zugestellt werden.
   *[other] { $count } Mails der letzten Tage konnten nicht zugestellt werden.
}
console-attention-mail-link = Zum Mailprotokoll

# Konto und Einstellungen
console-account-title = Konto
console-account-email = Sie melden sich an als
console-account-name-hint = Nur Sie sehen ihn.
console-account-password = Passwort
console-account-password-text = Ein neues Passwort beendet alle anderen Sitzungen.
console-account-password-button = Passwort ändern
console-account-sessions = Sitzungen
console-account-sessions-text = Wo Sie angemeldet sind. Beenden Sie, was Sie nicht kennen, und ändern Sie dann Ihr Passwort.
console-account-device = Gerät
console-account-since = Seit
console-account-until = Bis
console-account-session-this = Dieser Browser
console-account-session-end = Beenden
console-settings-name-hint = Besucher sehen ihn auf jeder Seite und in Mails.
console-settings-description-hint = Ein paar Sätze auf der Startseite Ihres Shops; höchstens 1.000 Zeichen.
console-settings-picture-hint = Erscheint auf der Startseite Ihres Shops. Laden Sie es unter „Dateien“ hoch, offen für alle.
console-settings-picture-slug-hint = Erscheint auf der Startseite Ihres Shops. Es sind zu viele Bilder, um alle aufzuführen: Geben Sie von einem unter „Dateien“, das für alle offen ist, den Namen in der Adresse ein, oder nichts. Die neuesten werden vorgeschlagen.
console-settings-picture-gone = { $file } (niemand sieht es: Die Datei ist gelöscht oder nicht für alle offen)
console-settings-no-picture = Kein Bild
console-settings-mails = Mails an Ihre Besucher
console-settings-support-hint = Erscheint auf Ihren Seiten und in Ihren Mails; Antworten auf Mails gehen dorthin.
console-settings-footer-hint = Zum Beispiel Ihr Name und Ihre Anschrift. Höchstens 500 Zeichen.
console-settings-mail-preview = So enden Mails (nach dem Speichern)
console-settings-mail-text = Vielen Dank, dass Sie „Eine Seite“ gekauft haben. …
console-field-extras = Was Stripe außerdem tut
console-settings-payments = Zahlungen
console-settings-extras-hint = Für Zahlungen ab jetzt. Stripe kann dafür Gebühren verlangen.
console-settings-invoice = Rechnung senden
console-settings-invoice-hint = Stripe sendet jedem Käufer neben dem Beleg eine Rechnung mit eigener Nummer.
console-settings-tax = Steuern berechnen
console-settings-tax-hint = Die Preise bleiben gleich; Stripe berechnet, wie viel davon Steuern sind. Richten Sie zuerst Stripe Tax in Ihrem Konto ein, sonst kann niemand bezahlen.
console-settings-tax-id = Nach der Steuernummer fragen
console-settings-tax-id-hint = Unternehmen können auf der Bezahlseite ihre Steuernummer angeben.
console-field-second-payments = Eine Zahlung für eine Seite, die der Käufer schon hat
console-settings-second-hint = Zum Beispiel aus zwei Tabs oder unter zwei Adressen. Der Käufer behält die Seite in jedem Fall.
console-settings-second-refund = Erstatten
console-settings-second-refund-hint = Sie wird von selbst erstattet, und Sie und der Käufer erfahren es.
console-settings-second-hold = Selbst entscheiden
console-settings-second-hold-hint = Sie bekommen eine Mail und entscheiden, ob Sie sie erstatten; der Käufer erfährt das.
console-settings-frontends = Für Entwickler
console-settings-account = Ihr Passwort und wo Sie angemeldet sind:
console-settings-origins-hint = Eigene Websites, die die Schnittstelle mit der Sitzung eines Besuchers aufrufen. Je Zeile ein Ursprung wie https://shop.example.com.

# What somebody stored while a form was open
console-conflict = Das wurde inzwischen geändert
console-conflict-text = Unten steht, was jetzt gespeichert ist; was Sie getippt haben, steht noch im Formular. Übernehmen Sie, was Sie behalten wollen, und speichern Sie dann Ihre Fassung.
console-conflict-saved = Gespeichert:
console-conflict-field = Jetzt gespeichert: { $field }
console-conflict-drop = Meine Eingaben verwerfen und das Gespeicherte zeigen
console-conflict-over = Mit meiner Fassung überschreiben
console-error-conflict = Das wurde inzwischen geändert, deshalb wurde es nicht gespeichert.

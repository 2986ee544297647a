# The list
console-files-empty = Verkaufen Sie Dateien mit einer Seite, geben Sie sie einer Liste von Personen, oder zeigen Sie Bilder auf Ihren Seiten. Niemand bekommt eine Datei, bevor Sie sagen, wer sie haben darf.
console-files-upload = Dateien hochladen
console-files-upload-button = Hochladen
console-files-name = Name
console-files-size = Größe
console-files-kind = Art
console-files-access = Wer sie haben darf
console-files-uploaded = Hochgeladen
console-files-with-page = Mit der Seite
console-files-page-deleted = Nur Sie (ihre Seite wurde gelöscht)
console-files-edit-list = Liste bearbeiten
console-files-notice-uploaded = Hochgeladen: { $what }
console-files-notice-deleted = { $what } ist gelöscht.
console-files-notice-gone = Unter dieser Adresse gibt es { $what } nicht mehr.

# Uploading
console-files-field-access = Wer sie haben darf
console-files-field-page = Seite
console-files-field-new-slug = Name in der Adresse (optional)
console-files-field-file = Dateien
console-files-access-page = Wer eine Seite sehen darf
console-files-access-page-hint = Für die Datei gilt dieselbe Schranke wie für ihre Seite. Ist die Seite kostenpflichtig, bekommen ihre Käufer die Datei.
console-files-access-list = Personen auf einer Liste
console-files-access-list-hint = Nur die E-Mail-Adressen, die Sie auf ihre Liste setzen, nach der Anmeldung. Die Liste schreiben Sie danach.
console-files-access-public = Alle
console-files-access-public-hint = Jeder kann sie ohne Anmeldung herunterladen.
console-files-page-hint = Die Seite, zu der die Datei gehört.
console-files-no-page = Seite wählen
console-files-new-slug-hint = Bleibt das Feld leer, entsteht er aus dem Namen der Datei. Kleinbuchstaben, Ziffern und Bindestriche. Mehrere Dateien bekommen Nummern.
console-files-file-hint = Sie können mehrere wählen. Je Datei höchstens { $size }.
console-files-progress = Hochladen
console-files-storing = Wird gespeichert …
console-files-stop = Abbrechen
console-files-stopped = Abgebrochen. Dateien, die vorher ganz angekommen sind, bleiben; laden Sie die Seite neu, um sie zu sehen.
console-files-error-access = Bitte wählen Sie, wer sie haben darf.
console-files-error-no-file = Bitte wählen Sie mindestens eine Datei.
console-files-error-too-large = „{ $name }“ ist größer als { $size }. Weder diese Datei noch die danach wurden gespeichert.
console-files-error-too-large-here = „{ $name }“ ist größer als { $size }. Nichts wurde hochgeladen; bitte wählen Sie ohne diese Datei.
console-files-error-too-large-together = Das ist zu viel auf einmal. Eine Datei darf höchstens { $size } groß sein.
console-files-error-too-many = { $count ->
    [one] Bitte laden Sie höchstens eine Datei auf einmal hoch. Die anderen wurden nicht gespeichert.
   *[other] Bitte laden Sie höchstens { $count } Dateien auf einmal hoch. Die anderen wurden nicht gespeichert.
}
console-files-error-cut-off = Das Hochladen wurde unterbrochen. Bitte versuchen Sie es noch einmal.

# A file
console-files-address = Adresse zum Weitergeben
console-files-inside = Zeigt sie auf einer Seite
console-files-orphan = Die Seite dieser Datei wurde gelöscht, deshalb können nur Sie die Datei öffnen. Wählen Sie eine andere Seite oder andere Personen.
console-files-download = Herunterladen
console-files-delete-button = Löschen
console-files-change = Ändern
console-files-field-name = Name
console-files-field-slug = Name in der Adresse
console-files-name-hint = Der Name, unter dem sie gespeichert wird.
console-files-slug-hint = Kleinbuchstaben, Ziffern und Bindestriche. Wenn Sie ihn ändern, gelten Adressen nicht mehr, die Sie weitergegeben haben.
console-files-delete-heading = „{ $name }“ löschen?
console-files-delete-effect = Danach kann sie niemand mehr herunterladen. Das lässt sich nicht rückgängig machen.
console-files-delete-effect-sold = Danach kann sie niemand mehr herunterladen, auch nicht, wer bezahlt hat. Das lässt sich nicht rückgängig machen.
console-files-delete-effect-shown = Auf Seiten, die sie zeigen, bleibt nur ihre Beschreibung.
console-files-delete-effect-list = Ihre Liste von Personen wird auch gelöscht.

# The list of people
console-files-list-title = Wer „{ $name }“ haben darf
console-files-list-text = Wer auf dieser Liste steht, meldet sich mit seiner Adresse an und lädt die Datei herunter. Wir senden keine Mail; senden Sie die Adresse der Datei selbst.
console-files-back = Zurück zur Datei
console-files-list-unused = Diese Liste gilt jetzt nicht, denn die Datei ist für andere bestimmt.
console-files-change-access = Ändern, wer sie haben darf
console-files-list-empty = Noch steht niemand auf der Liste. Fügen Sie oben die erste Adresse hinzu.
console-files-field-email = E-Mail-Adresse
console-files-add = Hinzufügen
console-files-add-many = Mehrere Adressen hinzufügen
console-files-added = Hinzugefügt
console-files-remove = Entfernen
console-files-remove-heading = { $email } von der Liste nehmen?
console-files-remove-effect = { $email } kann „{ $name }“ dann ab sofort nicht mehr herunterladen. Sie können die Adresse wieder auf die Liste setzen.
console-files-remove-silent = Niemand bekommt eine Mail.
console-files-remove-button = Von der Liste nehmen
console-files-notice-allowed = { $what } steht auf der Liste.
console-files-notice-allowed-already = { $what } stand schon auf der Liste.
console-files-notice-disallowed = { $what } steht nicht mehr auf der Liste.
console-files-notice-not-listed = { $what } stand nicht auf der Liste, also hat sich nichts geändert.
console-files-notice-added = Hinzugefügte Adressen: { $what }
console-files-added-and-known = { $count ->
    [one] { $added }. Eine stand schon auf der Liste.
   *[other] { $added }. { $count } standen schon auf der Liste.
}

# Many addresses
console-files-many-for = Für die Datei
console-files-field-addresses = Adressen
console-files-field-table = Oder eine Tabelle (CSV)
console-files-addresses-hint = Fügen Sie sie ein, eine je Zeile oder mit Kommas dazwischen. Sie sehen, was gefunden wird, bevor etwas hinzukommt.
console-files-table-hint = Eine Textdatei mit einer Adresse in jeder Zeile; eine erste Zeile mit Überschriften wird übersprungen. Höchstens { $size }.
console-files-check = Prüfen
console-files-error-both = Bitte fügen Sie Adressen ein oder wählen Sie eine Datei, nicht beides.
console-files-error-none = Darin ist keine Adresse.
console-files-error-no-table = Diese Datei ist kein Text. Speichern Sie sie in Ihrer Tabellenkalkulation als CSV, und wählen Sie dann die CSV-Datei.
console-files-error-list-too-large = Das ist zu groß. Auf einmal sind höchstens { $size } möglich; bitte teilen Sie die Liste auf.
console-files-error-list-too-long = { $count ->
    [one] Diese Adresse ist zu lang für einen Schritt.
   *[other] Diese { $count } Adressen sind zusammen zu lang für einen Schritt. Bitte teilen Sie die Liste auf und fügen Sie einen Teil nach dem anderen hinzu.
}
console-files-many-heading = { $count ->
    [0] Nichts hinzuzufügen
    [one] Eine Adresse hinzufügen?
   *[other] { $count } Adressen hinzufügen?
}
console-files-many-new = { $count } neu
console-files-many-known = { $count } bekannt
console-files-many-twice = { $count } doppelt
console-files-many-invalid = { $count ->
    [one] 1 ungültig (Zeile { $lines })
   *[other] { $count } ungültig (Zeilen { $lines })
}
console-files-many-examples = Gefunden, zum Beispiel:
console-files-many-headings = Die erste Zeile wurde für Überschriften gehalten und übersprungen:
console-files-many-left-out = Weggelassen, weil es keine Adressen sind
console-files-many-beside = Neben der ersten Adresse einer Zeile weggelassen
console-files-many-beside-why = In weiteren Spalten einer Tabelle können Adressen anderer Leute stehen. Um auch diese hinzuzufügen, fügen Sie sie allein ein.
console-files-line = Zeile
console-files-line-text = Text
console-files-many-further = { $count ->
    [one] Eine weitere Zeile wird nicht angezeigt.
   *[other] { $count } weitere Zeilen werden nicht angezeigt.
}
console-files-many-button = { $count ->
    [one] Eine Adresse hinzufügen
   *[other] { $count } Adressen hinzufügen
}
console-files-many-again = Liste ändern
console-files-many-another = Andere Liste einlesen
console-files-many-to-list = Zur Liste

#!/usr/bin/python3
# What LibreOffice Writer puts on the clipboard when all of a document is copied, asked of LibreOffice itself, without a window:
# record-libreoffice.py OUT.html. Needs libreoffice-writer-nogui and python3-uno.
import os, subprocess, sys, tempfile, time
import uno
from com.sun.star.awt.FontSlant import ITALIC
from com.sun.star.beans import PropertyValue

PARAGRAPH_BREAK, BOLD, NORMAL = 0, 150.0, 100.0


def prop(name, value):
    p = PropertyValue()
    p.Name, p.Value = name, value
    return p


def connect(profile):
    pipe = f"record{os.getpid()}"
    office = subprocess.Popen(["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{profile}", f"--accept=pipe,name={pipe};urp;"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(300):
        try:
            return office, resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:
            time.sleep(0.2)
    office.kill()
    sys.exit("LibreOffice does not answer")


def version(context):
    config = context.ServiceManager.createInstanceWithContext("com.sun.star.configuration.ConfigurationProvider", context)
    node = config.createInstanceWithArguments("com.sun.star.configuration.ConfigurationAccess", (prop("nodepath", "/org.openoffice.Setup/Product"),))
    return f"{node.ooName} {node.ooSetupVersionAboutBox}"


def write(doc):
    text, cursor = doc.Text, doc.Text.createTextCursor()

    def words(s, **how):
        text.insertString(cursor, s, True)
        cursor.CharWeight = how.get("weight", NORMAL)
        cursor.CharPosture = how.get("slant", uno.Enum("com.sun.star.awt.FontSlant", "NONE"))
        cursor.HyperLinkURL = how.get("to", "")
        cursor.collapseToEnd()

    def end(style="Standard"):
        cursor.ParaStyleName = style
        text.insertControlCharacter(cursor, PARAGRAPH_BREAK, False)
        cursor.ParaStyleName = "Standard"

    cursor.ParaStyleName = "Heading 1"
    text.insertString(cursor, "Stones for the wall", False)
    text.insertControlCharacter(cursor, PARAGRAPH_BREAK, False)
    cursor.ParaStyleName = "Standard"
    words("The ")
    words("boats", weight=BOLD)
    words(" bring ")
    words("stones", slant=ITALIC)
    words(", see ")
    words("the list", to="https://example.org/list")
    words(".")
    end()
    cursor.ParaStyleName = "Heading 3"
    text.insertString(cursor, "How many", False)
    text.insertControlCharacter(cursor, PARAGRAPH_BREAK, False)
    cursor.ParaStyleName = "Standard"
    cursor.NumberingStyleName = "List 1"
    words("one boat")
    text.insertControlCharacter(cursor, PARAGRAPH_BREAK, False)
    words("two boats")
    text.insertControlCharacter(cursor, PARAGRAPH_BREAK, False)
    cursor.NumberingStyleName = ""
    table = doc.createInstance("com.sun.star.text.TextTable")
    table.initialize(2, 2)
    text.insertTextContent(cursor, table, False)
    for name, value in (("A1", "Year"), ("B1", "Stones"), ("A2", "2025"), ("B2", "300")):
        table.getCellByName(name).setString(value)
    cursor.gotoEnd(False)
    words("Last line.")


def main(out):
    with tempfile.TemporaryDirectory() as profile:
        office, context = connect(profile)
        try:
            desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            doc = desktop.loadComponentFromURL("private:factory/swriter", "_blank", 0, (prop("Hidden", True),))
            write(doc)
            frame = doc.CurrentController.Frame
            dispatcher = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.DispatchHelper", context)
            for _ in range(3):  # the table's cell, the table, the document
                dispatcher.executeDispatch(frame, ".uno:SelectAll", "", 0, ())
            transferable = doc.CurrentController.getTransferable()
            flavor = next(f for f in transferable.getTransferDataFlavors() if f.MimeType.startswith("text/html"))
            data = transferable.getTransferData(flavor)
            html = bytes(data.value if hasattr(data, "value") else data).decode("utf-8", "replace").rstrip("\0")
            with open(out, "w") as f:
                f.write(f"<!-- Recorded by test/e2e/paste/record-libreoffice.py: the text/html that {version(context)} gives of a selection. -->\n{html}")
            doc.close(True)
            desktop.terminate()
        finally:
            try:
                office.wait(20)
            except subprocess.TimeoutExpired:
                office.kill()


main(sys.argv[1])

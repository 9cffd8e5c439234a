from PySide6.QtWidgets import QWidget

from desktop.views.import_pages.base import ImportPage, Verdict


class HubPage(ImportPage):
    key="huggingface"; title="Hugging Face"; icon="cloud"
    def __init__(self, library, parent=None):
        super().__init__(parent); self.form=QWidget(); self.facts=QWidget()
    running=False; can_import=False
    def verb(self): return "&Fetch and import"
    def verdict(self): return Verdict()
    def think_again(self): pass
    def shown(self): pass
    def reset(self): pass
    def set_right_margin(self, m): pass
    def set_facts_below(self, b): pass

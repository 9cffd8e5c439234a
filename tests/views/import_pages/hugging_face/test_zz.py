from tests.views.import_pages.hugging_face.test_ways import *
@pytest.mark.parametrize("n", range(12))
def test_f(hub, hands, n):
    hub.add_repo(NAME, adapter_files(rank=16), downloads=5)
    hub.add_repo("acme/other", adapter_files(), downloads=3)
    turn_to(hands, 1)
    results: QListView = hands.part(QListView, "hubResults")
    hands.wait_until(lambda: results.model().rowCount() >= 2)
    hands.part(QLineEdit, "hubSearchEdit").setFocus()
    hands.bot.keyClick(hands.part(QLineEdit, "hubSearchEdit"), Qt.Key.Key_Down)
    hands.wait_until(lambda: hands.facts().get("Rank, alpha", "").startswith("16"))
    hands.click(hands.go)
    hands.settle()
    p=hands.page.by_name.place
    assert hands.message.tone() == "ok", (p.looking,p.trouble and p.trouble.code,p.trouble,p.wrong,hands.message.text(),p._number,p._task)

-- Which decisions are on a serial: asked by its page.
CREATE INDEX case_decision_serials_epc ON case_decision_serials (epc);

Feature: Words that matter

  Scenario: Keywords are counted in prose
    When a node holds "You must. You MUST `never` see code."
    Then it shows {"total":{"value":2},"counts":{"entries":[{"label":"must","value":2}]}}
    And it has no warning

  Scenario: A forbidden word is a warning
    When a node holds "First line.\n\nThe rest is TBD."
    Then it shows {}
    And it has the warning uses the forbidden word "tbd"

  Scenario: Code may say what it likes
    When a node holds "```\ntbd must\n```\n"
    Then it shows {}
    And it has no warning

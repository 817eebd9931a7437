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

  Scenario Outline: A word counts whatever its case, and only as a whole
    When a node holds "<prose>"
    Then it shows <shown>

    Examples:
      | prose                    | shown                                                                                  |
      | Never say NEVER.         | {"total":{"value":2},"counts":{"entries":[{"label":"never","value":2}]}}               |
      | Mustard is not a must.   | {"total":{"value":1},"counts":{"entries":[{"label":"must","value":1}]}}                |
      | Nothing of it is here.   | {}                                                                                     |

  Scenario: Which words matter is set
    Given setting "keywords" is ["always"]
    And setting "forbidden" is ["maybe"]
    When a node holds:
      """
      You must always ask. TBD, maybe.
      """
    Then it shows {"total":{"value":1},"counts":{"entries":[{"label":"always","value":1}]}}
    And it has the warning uses the forbidden word "maybe"

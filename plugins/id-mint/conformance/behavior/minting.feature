Feature: Minting, and what the host sees of it

  Rule: What was minted is remembered and announced

    Scenario: The last number of a prefix is kept
      When mint is given {"kind":"checked","prefix":"ORD","count":3}
      Then it answers something that matches "schemas/mint.out.schema.json"
      And "number/ORD" was stored as 3
      And "number/INV" was not stored

    Scenario: Minting goes on where the stored number stands
      Given "number/INV" is stored as 41
      When mint is given {"kind":"checked","prefix":"INV"}
      Then the answer at "/ids/0" is "INV-000042-BR"

    Scenario: How many, the first and the last are announced
      When mint is given {"kind":"checked","prefix":"INV","count":2}
      Then the event "plugin.id-mint.minted" was published with {"kind":"checked","count":2,"first":"INV-000001-6J","last":"INV-000002-5U"}

    Scenario: The newest ULID is kept
      When mint is given {"kind":"ulid","count":5}
      Then it answers something like {"kind":"ulid"}
      And "ulid/newest" was stored

  Rule: What cannot be minted leaves nothing behind

    Scenario: A prefix that has run out
      Given "number/INV" is stored as 9999999998
      When mint is given {"kind":"checked","prefix":"INV","count":2}
      Then it refuses with NUMBERS_EXHAUSTED
      And it says "has 1 number(s) left"
      And "number/INV" was stored as 9999999998
      And no event was published

    Scenario: A request that its schema does not take
      When I call "mint" with:
        """
        { "kind": "checked", "prefix": "lower" }
        """
      Then it refuses with INPUT_INVALID
      And no event was published

    Scenario: Without its storage nothing is minted
      Given the plugin is denied storage:kv
      When mint is given {"kind":"ulid"}
      Then it refuses with PERMISSION_DENIED
      And no event was published

  Rule: What is set holds

    Scenario: The prefix of the settings stands in for one that is not named
      Given setting "default-prefix" is "LAB"
      When mint is given {"kind":"checked"}
      Then it answers something like {"kind":"checked"}
      And "number/LAB" was stored as 1
      And "number/ID" was not stored

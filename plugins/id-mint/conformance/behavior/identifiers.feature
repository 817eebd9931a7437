Feature: Identifiers that can be trusted

  Scenario: Numbers of a prefix go on where they stood
    When mint is given {"kind":"checked","prefix":"INV","count":2}
    Then it answers {"kind":"checked","ids":["INV-000001-6J","INV-000002-5U"]}
    When mint is given {"kind":"checked","prefix":"INV"}
    Then it answers {"kind":"checked","ids":["INV-000003-55"]}

  Scenario: A typing error is caught
    When validate is given {"id":"INV-000042-BR"}
    Then it answers {"kind":"checked","valid":true}
    When validate is given {"id":"INV-000024-BR"}
    Then it answers {"kind":"checked","valid":false,"reason":"the check characters \"BR\" do not fit the rest"}

  Scenario: A ULID and a UUID are two ways to write the same bits
    When transform is given {"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","to":"uuid"}
    Then it answers {"from":"ulid","to":"uuid","result":"01563e3a-b5d3-d676-4c61-efb99302bd5b"}
    When transform is given {"id":"01563e3a-b5d3-d676-4c61-efb99302bd5b","to":"ulid"}
    Then it answers {"from":"uuid","to":"ulid","result":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}

  Scenario: What makes no sense is refused
    When mint is given {"kind":"ulid","prefix":"INV"}
    Then it refuses with PREFIX_UNUSED
    When transform is given {"id":"INV-000024-BR","to":"compact"}
    Then it refuses with ID_INVALID
    When transform is given {"id":"INV-000042-BR","to":"timestamp"}
    Then it refuses with CONVERSION_UNKNOWN

  Scenario Outline: The <form> of an identifier is one conversion away
    When I call "transform" with:
      | id | <id>   |
      | to | <form> |
    Then the answer at "/result" is "<result>"

    Examples:
      | id                         | form      | result                               |
      | 01arz3ndektsv4rrffq69g5fav | upper     | 01ARZ3NDEKTSV4RRFFQ69G5FAV           |
      | INV-000042-BR              | compact   | INV000042BR                          |
      | INV000042BR                | grouped   | INV-000042-BR                        |
      | 01ARZ3NDEKTSV4RRFFQ69G5FAV | timestamp | 2016-07-30T23:54:10.259Z             |

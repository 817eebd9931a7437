Feature: Profiles of users

  Background:
    Given the plugin "id-mint" answers "mint" with {"kind":"ulid","ids":["01KAZM3Q4V8T2X6Y0C5R7B0001"]}

  Scenario: A user is created, found and announced
    When the host sends POST /api/users {"username":"ada","email":"ada@openlab.test","department":"Research"}
    Then the answer is 201 with {"username":"ada","department":"Research","traits":[]}
    And the host is sent /messaging/events 1 time
    When the host sends GET /api/users/01KAZM3Q4V8T2X6Y0C5R7B0001
    Then the answer is 200 with {"username":"ada","email":"ada@openlab.test"}

  Scenario: A name is given once
    When the host sends POST /api/users {"username":"ada","email":"ada@openlab.test"}
    Then the answer is 201 with {"username":"ada"}
    When the host sends POST /api/users {"username":"Ada","email":"second@openlab.test"}
    Then the answer is 409 with {"code":"USER_DUPLICATE"}
    And the host is sent /messaging/events 1 time

  Scenario: What makes no sense is refused
    When the host sends POST /api/users {"username":"ada"}
    Then the answer is 400 with {"code":"USER_INVALID"}
    When the host sends GET /api/users/nobody
    Then the answer is 404 with {"code":"USER_UNKNOWN"}
    And the host is sent /gateway/id-mint/mint 0 times

  Scenario: Strangers get nothing
    When a stranger sends GET /api/users/nobody
    Then the answer is 401 with {"code":"TOKEN_MISSING"}

  Scenario: A new user is told of without their address
    When create_user is given {"username":"ada","email":"ada@openlab.test","department":"Research"}
    Then it answers something that matches "schemas/create_user.out.schema.json"
    And the answer at "/id" is "01KAZM3Q4V8T2X6Y0C5R7B0001"
    And the event "UserCreated" was published with {"username":"ada","department":"Research"}
    And the operation "mint" of "id-mint" was called 1 time
    When get_user is given {"id":"01KAZM3Q4V8T2X6Y0C5R7B0001"}
    Then it answers something like {"username":"ada","email":"ada@openlab.test"}

  Scenario: Without an id there is no user
    Given the plugin is denied operator:call:id-mint/mint
    When the host sends POST /api/users {"username":"ada","email":"ada@openlab.test"}
    Then the answer is 502 with {"code":"HOST_FAILED"}
    And no event was published
    When get_user is given {"id":"01KAZM3Q4V8T2X6Y0C5R7B0001"}
    Then it refuses with OPERATION_FAILED

  Scenario: An operation is asked only what its schema takes
    When create_user is given {"username":"ada","email":"ada@openlab.test","admin":true}
    Then it refuses with INPUT_INVALID
    And the operation "mint" of "id-mint" was called 0 times

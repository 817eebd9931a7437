Feature: Profiles of users

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

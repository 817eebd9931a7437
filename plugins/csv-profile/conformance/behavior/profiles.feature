Feature: Profiles of tables

  Scenario: Columns are what their cells are
    Given the file "a.csv" with "id,price,day,sold,note\n1,2.50,2026-01-31,yes,\n2,3,2026-02-28,no,new\n"
    When the dataset is profiled
    Then the column "id" has {"type":"integer","min":1,"max":2,"mean":1.5,"distinct":2}
    And the column "price" has {"type":"number","min":2.5,"max":3.0,"mean":2.75}
    And the column "day" has {"type":"date","min":"2026-01-31","max":"2026-02-28","mean":null}
    And the column "sold" has {"type":"boolean"}
    And the column "note" has {"type":"text","count":1,"missing":1,"longest":3}

  Scenario: The form of a file is found out
    Given the file "a.csv" with "\ufeffplace;height\n'Zürich; am See';408\n"
    When the dataset is profiled
    Then the file has {"delimiter":";","quote":"'","encoding":"utf-8-sig","rows":1}

  Scenario: What is not as it should be is told
    Given the file "a.csv" with "a,a,\n1,2,3\n1,2\n\n1,2,3,4\n"
    When the dataset is profiled
    Then the file has {"rows":3,"blank_lines":1,"ragged":{"count":2,"first_lines":[3,5]}}
    And the column "a_2" has {"header":"a"}
    And the column "column_3" has {"header":"","missing":1}

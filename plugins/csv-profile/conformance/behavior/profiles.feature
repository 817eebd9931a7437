Feature: Profiles of tables

  Scenario: Columns are what their cells are
    Given the file "a.csv" with "id,price,day,sold,note\n1,2.50,2026-01-31,yes,\n2,3,2026-02-28,no,new\n"
    When the dataset is run
    Then the output "profile.json" at "/files/0/columns/0" has {"name":"id","type":"integer","min":1,"max":2,"mean":1.5,"distinct":2}
    And the output "profile.json" at "/files/0/columns/1" has {"name":"price","type":"number","min":2.5,"max":3.0,"mean":2.75}
    And the output "profile.json" at "/files/0/columns/2" has {"name":"day","type":"date","min":"2026-01-31","max":"2026-02-28","mean":null}
    And the output "profile.json" at "/files/0/columns/3" has {"name":"sold","type":"boolean"}
    And the output "profile.json" at "/files/0/columns/4" has {"name":"note","type":"text","count":1,"missing":1,"longest":3}

  Scenario: The form of a file is found out
    Given the file "a.csv" with "\ufeffplace;height\n'Zürich; am See';408\n"
    When the dataset is run
    Then the output "profile.json" at "/files/0" has {"delimiter":";","quote":"'","encoding":"utf-8-sig","rows":1}

  Scenario: What is not as it should be is told
    Given the file "a.csv" with "a,a,\n1,2,3\n1,2\n\n1,2,3,4\n"
    When the dataset is run
    Then the output "profile.json" at "/files/0" has {"rows":3,"blank_lines":1,"ragged":{"count":2,"first_lines":[3,5]}}
    And the output "profile.json" at "/files/0/columns/1" has {"name":"a_2","header":"a"}
    And the output "profile.json" at "/files/0/columns/2" has {"name":"column_3","header":"","missing":1}

  Scenario: Every table of a dataset is profiled, in the order of their names
    Given the file "b/second.csv" with:
      """
      x
      1
      """
    And the file "a.csv" with "x\n"
    And the file "notes.txt" with "no table"
    When the dataset is run
    Then it answers ["profile.json","profile.md","provenance.json","resultbundle.json"]
    And the output "profile.json" at "/files/0/path" is "a.csv"
    And the output "profile.json" at "/files/1/path" is "b/second.csv"
    And the output "profile.md" holds "b/second.csv"

  Scenario: The configuration is kept to, and written down
    Given the file "a.csv" with "a;b,c\n1;2,3\n"
    And the configuration is {"delimiter":";"}
    When the dataset is run
    Then the output "profile.json" at "/config/delimiter" is ";"
    And the output "profile.json" at "/files/0/columns/1" has {"name":"b,c"}

  Scenario: A dataset without tables is refused
    Given the file "notes.txt" with "no table"
    When the dataset is run
    Then it refuses with ProfileError
    And it says "holds no file"

  Scenario: A configuration that its schema does not take is refused
    Given the file "a.csv" with "a\n1\n"
    And the configuration is {"delimiter":"#"}
    When the dataset is run
    Then it refuses with RUN_CONFIG_INVALID

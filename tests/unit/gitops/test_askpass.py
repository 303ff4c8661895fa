"""git's login in a pipeline: the token goes to the host that the pipeline names, and nowhere else."""

import pytest

from reconcile.gitops.askpass import answer, main

GITHUB = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_TOKEN": "ghs_x"}
GITLAB = {"CI_SERVER_URL": "https://git.acme.cn:8443", "RECONCILE_GITLAB_TOKEN": "glpat-x"}
OWN = {"RECONCILE_GIT_SERVER": "https://gitee.com", "RECONCILE_GIT_TOKEN": "t", "RECONCILE_GIT_USER": "robot"}


@pytest.mark.parametrize(
    ("prompt", "environ", "told"),
    [
        ("Username for 'https://github.com': ", GITHUB, "x-access-token"),
        ("Password for 'https://x-access-token@github.com': ", GITHUB, "ghs_x"),
        ("Password for 'https://GitHub.com:443/acme/fleet': ", GITHUB, "ghs_x"),
        ("Password for 'https://oauth2@git.acme.cn:8443': ", GITLAB, "glpat-x"),
        ("Username for 'https://gitee.com': ", OWN, "robot"),
        ("Password for 'https://robot@gitee.com': ", {**GITHUB, **OWN}, "t"),
        ("Password for 'https://x@github.com': ", {**GITHUB, "GITHUB_TOKEN": ""}, None),
        ("Password for 'http://x@github.com': ", GITHUB, None),
        ("Password for 'https://github.com@evil.example': ", GITHUB, None),
        ("Password for 'https://github.com.evil.example': ", GITHUB, None),
        ("Password for 'https://github.com:8443': ", GITHUB, None),
        ("Password for 'https://evil.example/https://github.com': ", GITHUB, None),
        ("Password for 'https://git.acme.cn': ", GITLAB, None),
        ("Password for 'https://[': ", GITHUB, None),
        ("Password for '': ", {"GITHUB_TOKEN": "ghs_x"}, None),
        ("Password for 'x': ", {"GITHUB_TOKEN": "ghs_x"}, None),
        ("Enter passphrase for key '/home/x/.ssh/id_rsa': ", GITHUB, None),
    ],
)
def test_the_token_is_told_to_its_own_host_only(prompt, environ, told):
    assert answer(prompt, environ) == told


def test_the_program_says_one_line_or_fails_without_a_word_of_the_token(monkeypatch, capsys):
    for name, value in GITHUB.items():
        monkeypatch.setenv(name, value)

    assert main(["Password for 'https://github.com': "]) == 0
    assert capsys.readouterr().out == "ghs_x\n"
    assert main(["Password for 'https://evil.example': "]) == 1
    assert main([]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "ghs_x" not in said.err

# Sourced by the scripts beside it. Goes to the root of the repository, sets UV to a
# uv that runs, and offers what the scripts share. Needs only bash, python3 and pip.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export ROOT="$PWD"

# Another project's environment would be taken for this one's.
unset VIRTUAL_ENV
export UV_NO_PROGRESS=1

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# A shim on PATH may stand for a uv that is not there: only running it tells.
# Inside the repository it also fails if it is older than pyproject.toml demands.
runs() {
    "$1" python dir >/dev/null 2>&1
}

find_uv() {
    local own="$ROOT/.tools/uv/bin/uv"
    if runs uv; then
        UV=uv
    elif runs "$own"; then
        UV="$own"
    else
        install_uv
        UV="$own"
    fi
    export UV
}

install_uv() {
    echo "No usable uv on PATH: installing it into .tools/uv" >&2
    command -v python3 >/dev/null || fail "python3 was not found on PATH, and uv" \
        "is installed with it. Install Python 3.11 or newer, or uv itself" \
        "(https://docs.astral.sh/uv/), and run this again."
    python3 -m pip --version >/dev/null 2>&1 || fail "$(command -v python3) has no" \
        "pip, and uv is installed with it. Install pip (on Debian: python3-pip), or" \
        "uv itself (https://docs.astral.sh/uv/), and run this again."
    # --target leaves the system's Python alone, so PEP 668 has nothing to forbid.
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --upgrade \
        --disable-pip-version-check --no-user --target .tools/uv "uv>=0.8" >&2 ||
        fail "pip could not install uv into .tools/uv; its own message stands above." \
            "Check that PyPI, or the index that pip is configured for, can be" \
            "reached, and run this again."
    runs .tools/uv/bin/uv || fail "uv was installed into .tools/uv but does not run." \
        "Expected .tools/uv/bin/uv to work on this machine: remove .tools and run" \
        "this again, or install uv yourself (https://docs.astral.sh/uv/)."
}

# sync ENVIRONMENT [--python VERSION] [uv sync arguments]: make the environment what
# uv.lock says.
sync() {
    local environment="$1" about_version=""
    shift
    if [ "${1-}" = --python ]; then
        about_version="If it refuses Python $2: 3.11 or newer is expected, and "
        about_version+="installed ('$UV python list' shows which are). "
    fi
    UV_PROJECT_ENVIRONMENT="$environment" "$UV" sync --quiet --frozen "$@" ||
        fail "uv could not set up $environment as uv.lock says; its own message" \
            "stands above. ${about_version}If a pyproject.toml changed, run 'uv" \
            "lock' and commit uv.lock; otherwise check that the package index can" \
            "be reached."
}

find_uv

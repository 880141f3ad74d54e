#!/usr/bin/env bash
# What a user of the packages does: a solution of its own, in a folder of its own, with nothing of this project but what
# "dotnet pack" has made of it; hosts ActorServer, and tests states and a drain with the test kit; and installs
# actorctl. The solution here is to be built before. Prints the result line of "dotnet test"; the exit code is 0 if all is well.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
configuration=${1:-Debug}
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

dotnet pack "$here/../../ActorServer.sln" --no-build --configuration "$configuration" --output "$folder/feed" \
    --tl:off --verbosity quiet </dev/null
cp -r "$here/Shop" "$here/Shop.Tests" "$folder"
cd "$folder"

cat >nuget.config <<'END'
<configuration>
  <packageSources>
    <add key="feed" value="feed" />
  </packageSources>
</configuration>
END

# Ours go into a folder of their own, so that nobody meets them later under the same version; all others are here already.
packages=$(dotnet nuget locals global-packages --list)
packages=${packages#*: }
if [[ ! -d $packages ]] || compgen -G "${packages%/}/actorserver.*" >/dev/null; then
    packages=
fi
cat >Directory.Build.props <<END
<Project>
  <PropertyGroup>
    <RestorePackagesPath>$folder/packages</RestorePackagesPath>
    <RestoreFallbackFolders>$packages</RestoreFallbackFolders>
  </PropertyGroup>
</Project>
END

# The tool, as an operator installs it. It starts, and says that nobody is there.
dotnet tool install --tool-path "$folder/tools" --add-source "$folder/feed" ActorServer.Cli </dev/null
export DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
"$folder/tools/actorctl" --help </dev/null | grep -q "drain "
status=0
"$folder/tools/actorctl" status --node 127.0.0.1:1 </dev/null || status=$?
((status == 2))

dotnet new sln --name Shop --format sln </dev/null
dotnet sln Shop.sln add Shop Shop.Tests </dev/null
dotnet build Shop.sln --tl:off --verbosity quiet -p:UseSharedCompilation=false </dev/null
dotnet test Shop.sln --no-build --tl:off </dev/null

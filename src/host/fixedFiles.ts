// The base of our file systems: their files are there when they are asked for, and nobody lists, makes, moves or
// removes any.
import * as vscode from "vscode";

export abstract class FixedFiles implements vscode.FileSystemProvider {
	protected readonly changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
	readonly onDidChangeFile = this.changes.event;

	abstract stat(uri: vscode.Uri): Promise<vscode.FileStat>;
	abstract readFile(uri: vscode.Uri): Promise<Uint8Array>;

	/** Refused, unless a file system of ours says otherwise. */
	async writeFile(uri: vscode.Uri, _content: Uint8Array): Promise<void> {
		throw vscode.FileSystemError.NoPermissions(uri);
	}

	watch(): vscode.Disposable {
		return { dispose: () => undefined };
	}

	readDirectory(): [string, vscode.FileType][] {
		return [];
	}

	createDirectory(uri: vscode.Uri): never {
		throw vscode.FileSystemError.NoPermissions(uri);
	}

	delete(uri: vscode.Uri): never {
		throw vscode.FileSystemError.NoPermissions(uri);
	}

	rename(uri: vscode.Uri): never {
		throw vscode.FileSystemError.NoPermissions(uri);
	}
}

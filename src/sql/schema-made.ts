/** What a statement makes. */
import type { Node, RangeVar } from 'libpg-query';
import { nameParts } from './effect.ts';
import type { SchemaAction } from './schema-actions.ts';
import { INDEXES, named, relationParts } from './schema-names.ts';

export function making(node: Node): readonly SchemaAction[] {
  const made = madeIn(node);
  if (made === null) return [];
  const { parts, isReplaced = false, isPassing = false } = made;
  const isSure = !isReplaced && !isPassing;
  return [{ ...named(parts, made), does: 'makes', isGuarded: mayBeThere(node), isSure }];
}

function mayBeThere(node: Node): boolean {
  if ('CreateStmt' in node) return node.CreateStmt.if_not_exists === true;
  if ('CreateTableAsStmt' in node) return node.CreateTableAsStmt.if_not_exists === true;
  if ('CreateSeqStmt' in node) return node.CreateSeqStmt.if_not_exists === true;
  if ('IndexStmt' in node) return node.IndexStmt.if_not_exists === true;
  if ('CreateSchemaStmt' in node) return node.CreateSchemaStmt.if_not_exists === true;
  if ('CreateExtensionStmt' in node) return node.CreateExtensionStmt.if_not_exists === true;
  return false;
}

interface Made {
  /** Its schema, its table where it belongs to one, its name. */
  readonly parts: readonly string[];
  readonly depth?: number;
  /** What else it is in. */
  readonly within?: readonly string[];
  /** It may have been there, just so. */
  readonly isReplaced?: boolean | undefined;
  /** Temporary tables go by themselves. */
  readonly isPassing?: boolean;
}

function madeIn(node: Node): Made | null {
  const relation = relationIn(node);
  if (relation !== undefined) {
    return { parts: relationParts(relation), isPassing: relation.relpersistence === 't' };
  }
  if ('ViewStmt' in node) {
    const { view, replace } = node.ViewStmt;
    const isPassing = view?.relpersistence === 't';
    return { parts: relationParts(view), isReplaced: replace, isPassing };
  }
  if ('IndexStmt' in node) {
    const { relation: table, idxname = '' } = node.IndexStmt;
    return { parts: [...relationParts(table), idxname], within: [INDEXES] };
  }
  if ('CreateTrigStmt' in node) {
    const { relation: table, trigname = '', replace } = node.CreateTrigStmt;
    return { parts: [...relationParts(table), trigname], depth: 2, isReplaced: replace };
  }
  if ('RuleStmt' in node) {
    const { relation: table, rulename = '', replace } = node.RuleStmt;
    return { parts: [...relationParts(table), rulename], depth: 2, isReplaced: replace };
  }
  if ('CreatePolicyStmt' in node) {
    const { table, policy_name: name = '' } = node.CreatePolicyStmt;
    return { parts: [...relationParts(table), name], depth: 2 };
  }
  return madeByName(node);
}

function relationIn(node: Node): RangeVar | undefined {
  if ('CreateStmt' in node) return node.CreateStmt.relation;
  if ('CreateForeignTableStmt' in node) return node.CreateForeignTableStmt.base?.relation;
  if ('CreateTableAsStmt' in node) return node.CreateTableAsStmt.into?.rel;
  if ('SelectStmt' in node) return node.SelectStmt.intoClause?.rel;
  if ('CreateSeqStmt' in node) return node.CreateSeqStmt.sequence;
  if ('CompositeTypeStmt' in node) return node.CompositeTypeStmt.typevar;
  return undefined;
}

function madeByName(node: Node): Made | null {
  const from = (names: readonly Node[] | undefined): readonly string[] =>
    (names ?? []).flatMap(nameParts);
  if ('CreateFunctionStmt' in node) {
    const { funcname, replace } = node.CreateFunctionStmt;
    return { parts: from(funcname), isReplaced: replace };
  }
  if ('DefineStmt' in node) {
    const { defnames, replace } = node.DefineStmt;
    return { parts: from(defnames), isReplaced: replace };
  }
  if ('CreateEnumStmt' in node) return { parts: from(node.CreateEnumStmt.typeName) };
  if ('CreateRangeStmt' in node) return { parts: from(node.CreateRangeStmt.typeName) };
  if ('CreateDomainStmt' in node) return { parts: from(node.CreateDomainStmt.domainname) };
  if ('CreateStatsStmt' in node) return { parts: from(node.CreateStatsStmt.defnames) };
  if ('CreateSchemaStmt' in node) return { parts: [node.CreateSchemaStmt.schemaname ?? ''] };
  if ('CreateExtensionStmt' in node) return { parts: [node.CreateExtensionStmt.extname ?? ''] };
  if ('CreatePublicationStmt' in node) return { parts: [node.CreatePublicationStmt.pubname ?? ''] };
  if ('CreateEventTrigStmt' in node) return { parts: [node.CreateEventTrigStmt.trigname ?? ''] };
  return null;
}
